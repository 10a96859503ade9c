import type { ActionTraits, Attempt } from "../../domain/attempt.ts";
import { textOf } from "../../domain/json.ts";
import { problem } from "../../domain/problem.ts";
import { timeOfDay } from "../../domain/time.ts";
import type { Action, Answer, Sighting } from "../../ports/action.ts";
import { noPreparation } from "../preparation.ts";
import type { Driver, DriverResult, SwitchState } from "./driver.ts";

export interface SwitchParts {
  readonly traits: ActionTraits;
  /** By switch name. */
  readonly drivers: { readonly [name: string]: readonly Driver[] };
}

/**
 * Turns an emergency switch of the app on (as a lease with an end) or off. Repeating it is harmless: each call
 * carries a larger sequence number, and the app refuses older ones.
 */
export function createSwitch(parts: SwitchParts): Action {
  return {
    traits: parts.traits,
    prepare: noPreparation,
    perform: (attempt, signal) => perform(parts, attempt, signal),
    sight: (attempt, signal) => sight(parts, attempt, signal),
  };
}

function driversOf(parts: SwitchParts, attempt: Attempt): readonly Driver[] {
  return parts.drivers[textOf(attempt.params["switch"])] ?? [];
}

/** Each of several drivers has its part of the time, so that one that hangs does not use up the others'. */
function share(parts: SwitchParts, drivers: readonly Driver[], signal: AbortSignal): AbortSignal {
  const partMs = Math.max(1, Math.floor(parts.traits.deadlineMs / Math.max(1, drivers.length)));
  return AbortSignal.any([signal, AbortSignal.timeout(partMs)]);
}

async function perform(parts: SwitchParts, attempt: Attempt, signal: AbortSignal): Promise<Answer> {
  const drivers = driversOf(parts, attempt);
  const wanted = wantedBy(attempt);
  let taken: string | null = null;
  let last: Extract<DriverResult, { kind: "refused" | "unclear" }> = {
    kind: "refused",
    problem: problem("not-configured", "the switch has no driver"),
  };
  for (const driver of drivers) {
    const result = await driver.set(wanted, share(parts, drivers, signal));
    if (result.kind === "done") taken ??= driver.kind;
    // A no of one does not make sure that another one, of which nobody knows, did not take it.
    else if (last.kind === "refused") last = result;
    // Each of them reaches the same app, so on is said once; off is said wherever on may have been said.
    if (taken !== null && wanted.value) break;
  }
  if (taken !== null) return { kind: "accepted", evidence: { driver: taken } };
  const { kind, problem: why } = last;
  return { kind: kind === "refused" ? "rejected" : "unclear", problem: why };
}

/**
 * Reads back what the app has, by every driver that can say: on with at least this sequence number by one of them (another incident
 * may have taken it over), or on by none of them after an off.
 */
async function sight(parts: SwitchParts, attempt: Attempt, signal: AbortSignal): Promise<Sighting> {
  const drivers = driversOf(parts, attempt);
  const wanted = wantedBy(attempt);
  const states: (SwitchState | null)[] = [];
  for (const driver of drivers) {
    const read = await driver.read(wanted.switch, share(parts, drivers, signal));
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
