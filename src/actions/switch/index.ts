import { z } from "zod";

import type { Attempt } from "../../domain/attempt.ts";
import { textOf } from "../../domain/json.ts";
import { problem } from "../../domain/problem.ts";
import { SECOND_MS, timeOfDay } from "../../domain/time.ts";
import type { Answer, Sighting } from "../../ports/action.ts";
import type { ActionDefinition } from "../definition.ts";
import { noPreparation } from "../preparation.ts";
import type { Driver, DriverResult, SwitchState } from "./driver.ts";

const Name = z.string().min(1, "expected the name of a switch");

/**
 * Turns an emergency switch of the app on (as a lease with an end) or off. Repeating it is harmless: each call
 * carries a larger sequence number, and the app refuses older ones.
 */
export const definition: ActionDefinition = {
  traits: {
    kind: "switch",
    effect: "switch",
    repeat: "idempotent",
    deadlineMs: 5 * SECOND_MS,
    settleMs: 15 * SECOND_MS,
  },
  with: z.discriminatedUnion("value", [
    z.strictObject({
      switch: Name,
      value: z.literal("on"),
      /** Shown by the app to its users. */
      message: z.string().min(1, "expected a text that is not empty").max(500),
    }),
    z.strictObject({ switch: Name, value: z.literal("off") }),
  ]),
  create({ drivers }, { deadlineMs }) {
    const of = ({ params }: Attempt, signal: AbortSignal): Ways => {
      const all = drivers[textOf(params["switch"])] ?? [];
      const partMs = Math.max(1, Math.floor(deadlineMs / Math.max(1, all.length)));
      return { drivers: all, part: () => AbortSignal.any([signal, AbortSignal.timeout(partMs)]) };
    };
    return {
      prepare: noPreparation,
      perform: (attempt, signal) => perform(of(attempt, signal), attempt),
      sight: (attempt, signal) => sight(of(attempt, signal), attempt),
    };
  },
};

/** Each of several drivers has its part of the time, so that one that hangs does not use up the others'. */
interface Ways {
  readonly drivers: readonly Driver[];
  readonly part: () => AbortSignal;
}

async function perform({ drivers, part }: Ways, attempt: Attempt): Promise<Answer> {
  const wanted = wantedBy(attempt);
  let taken: string | null = null;
  let last: Extract<DriverResult, { kind: "refused" | "unclear" }> = {
    kind: "refused",
    problem: problem("not-configured", "the switch has no driver"),
  };
  for (const driver of drivers) {
    // Each of them reaches the same app, so on is said once; off is said wherever on may have been said.
    if (taken !== null && wanted.value && driver.goesOnTelling !== true) continue;
    const result = await driver.set(wanted, part());
    if (result.kind === "done") taken ??= driver.kind;
    // A no of one does not make sure that another one, of which nobody knows, did not take it.
    else if (last.kind === "refused") last = result;
  }
  if (taken !== null) return { kind: "accepted", evidence: { driver: taken } };
  const { kind, problem: why } = last;
  return { kind: kind === "refused" ? "rejected" : "unclear", problem: why };
}

/**
 * Reads back what the app has, by every driver that can say: on with at least this sequence number by one of them (another incident
 * may have taken it over), or on by none of them after an off.
 */
async function sight({ drivers, part }: Ways, attempt: Attempt): Promise<Sighting> {
  const wanted = wantedBy(attempt);
  const states: (SwitchState | null)[] = [];
  for (const driver of drivers) {
    const read = await driver.read(wanted.switch, part());
    if (read.kind !== "read") continue;
    states.push(read.state);
    if (wanted.value && isOn(read.state) && read.state.seq >= wanted.seq)
      return seen(`the app says ${wanted.switch} is on until ${timeOfDay(read.state.until)}`);
  }
  const on = states.find(isOn);
  if (states.length === 0) {
    const why = problem("switch-unreachable", "no driver could read the switch back");
    return { kind: "withheld", problem: why };
  }
  if (!wanted.value && on === undefined) return seen(`the app says ${wanted.switch} is off`);
  return { kind: "nothing", evidence: { app: on === undefined ? "off" : { ...on } } };
}

function isOn(state: SwitchState | null): state is SwitchState {
  return state !== null && state.value;
}

function seen(shown: string): Sighting {
  return { kind: "seen", evidence: { shown: [shown] } };
}

function wantedBy(attempt: Attempt): SwitchState & { readonly switch: string } {
  const { plan } = attempt;
  return {
    switch: textOf(plan["switch"]),
    value: plan["value"] === true,
    until: Number(plan["until"]),
    leaseId: textOf(plan["leaseId"]),
    seq: Number(plan["seq"]),
    message: textOf(plan["message"]),
  };
}
