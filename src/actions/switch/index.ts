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
  create({ drivers }) {
    const driversOf = ({ params }: Attempt) => drivers[textOf(params["switch"])] ?? [];
    return {
      prepare: noPreparation,
      perform: (attempt, signal) => perform(driversOf(attempt), attempt, signal),
      sight: (attempt, signal) => sight(driversOf(attempt), attempt, signal),
    };
  },
};

async function perform(
  drivers: readonly Driver[],
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Answer> {
  const wanted = wantedBy(attempt);
  // The first driver that takes it is enough: each of them reaches the same app.
  let last: DriverResult = {
    kind: "refused",
    problem: problem("not-configured", "the switch has no driver"),
  };
  for (const driver of drivers) {
    last = await driver.set(wanted, signal);
    if (last.kind === "done") return { kind: "accepted", evidence: { driver: driver.kind } };
  }
  return last.kind === "refused"
    ? { kind: "rejected", problem: last.problem }
    : {
        kind: "unclear",
        problem: last.kind === "unclear" ? last.problem : problem("switch-unreachable"),
      };
}

/** Reads back what the app has: on with at least this sequence number (another incident may have taken it over), or nothing after an off. */
async function sight(
  drivers: readonly Driver[],
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Sighting> {
  const wanted = wantedBy(attempt);
  for (const driver of drivers) {
    const read = await driver.read(wanted.switch, signal);
    if (read.kind !== "read") continue;
    const { state } = read;
    const isOn = state !== null && state.value;
    const isAsWanted = wanted.value ? isOn && state.seq >= wanted.seq : !isOn;
    if (!isAsWanted)
      return { kind: "nothing", evidence: { app: state === null ? "off" : { ...state } } };
    return {
      kind: "seen",
      evidence: {
        shown: [
          wanted.value
            ? `the app says ${wanted.switch} is on until ${timeOfDay(state?.until ?? 0)}`
            : `the app says ${wanted.switch} is off`,
        ],
      },
    };
  }
  return {
    kind: "withheld",
    problem: problem("switch-unreachable", "no driver could read the switch back"),
  };
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
