import { createMachine, raise, type AnyStateMachine } from "xstate";

import { MACHINES } from "../../state-machines/index.ts";
import { FEWER, LIMITS, type Limits } from "./alphabet.ts";

/** A machine with one thing broken on purpose, and the words of the invariant that has to find it. */
export interface Broken {
  readonly invariant: string;
  readonly breaks: string;
  readonly machine: AnyStateMachine;
  readonly limits: Limits;
}

const GONE = Symbol("gone");

/** Each of them is a mistake that could be made in an afternoon; some were. */
export const BROKEN: readonly Broken[] = [
  broken("no dead end", "waiting has no way out but a person", "high-latency", [
    [["states", "waiting", "after"], GONE],
    [["states", "waiting", "on"], GONE],
  ]),
  broken("no dead end", "nothing leads from a person to the end", "crash-loop", [
    [["states", "escalated", "on", "signal.healthy"], GONE],
    [["on", "person.resolved"], GONE],
    [["on", "upstream.opened"], GONE],
  ]),
  broken("without a deadline", "waiting has no timer", "high-latency", [
    [["states", "waiting", "after"], GONE],
  ]),
  broken("without a deadline", "a failed undo is not tried again", "rollout-regression", [
    [["states", "undoing", "states", "failing", "after"], GONE],
  ]),
  broken("without confirmation", "any answer of the second path will do", "database-down", [
    [["states", "confirming", "states", "looking", "on", "confirm.seen", 0, "guard"], GONE],
  ]),
  broken("without confirmation", "an inspection that failed counts as advice", "high-latency", [
    [["states", "inspecting", "on", "inspect.failed"], "deciding"],
  ]),
  broken("without confirmation", "a relapse needs no second path", "service-down", [
    [["states", "soaking", "on", "signal.breached", 0], GONE],
    [["states", "settling", "on", "signal.breached", 0], GONE],
  ]),
  broken(
    "without a verdict",
    "an ineffective act is not judged",
    "redis-down",
    [[["states", "verifying", "after", "verify", 0, "actions"], GONE]],
    LIMITS,
  ),
  broken("without a verdict", "what nobody can say is taken for a failure", "database-down", [
    [["states", "remedying", "on", "remedy.unknown"], "reconsidering"],
  ]),
  broken("beyond its bound", "asked acts are not counted", "redis-down", [
    [["states", "remedying", "entry"], withoutAction("countAsk")],
  ]),
  broken("beyond its bound", "acts that happened are not counted", "service-down", [
    [["states", "remedying", "on", "remedy.seen"], { target: "verifying" }],
  ]),
  broken("beyond its bound", "second looks are not counted", "redis-down", [
    [["states", "confirming", "states", "looking", "entry"], withoutAction("countConfirm")],
  ]),
  broken("beyond its bound", "undos that failed are not counted", "rollout-regression", [
    [["states", "undoing", "states", "asking", "entry"], withoutAction("countUndo")],
  ]),
  broken("taken back", "nothing is undone", "database-down", [
    [["states", "undoing", "states", "choosing", "always", 0], GONE],
  ]),
  broken("taken back", "a person comes between while it is being contained", "rollout-regression", [
    [["on", "contain.started"], GONE],
  ]),
  broken("taken back", "what an act leaves behind is forgotten", "high-latency", [
    [["states", "remedying", "states", "acting", "entry"], GONE],
  ]),
  broken("has lasted", "replicas go as soon as they have helped", "high-error-rate", [
    [["states", "recovered", "always", 0], GONE],
  ]),
  broken("timer", "a timer outlives its state", "crash-loop", [
    [["states", "inspecting", "on", "raised"], { target: "waiting" }],
    [["states", "inspecting", "entry"], withRaised("raised")],
  ]),
  broken("timer", "a timer fires that nothing hears", "database-down", [
    [["states", "containing", "entry"], withRaised("nobody.listens")],
  ]),
  broken("without fresh healthy", "one healthy sample proves the act", "database-down", [
    [["states", "verifying", "on", "signal.healthy", 0, "guard"], GONE],
  ]),
  broken("without fresh healthy", "no sample does not break the row", "redis-down", [
    [["states", "recovering", "on", "signal.missing"], GONE],
  ]),
  broken("without fresh healthy", "samples from before the act count", "high-latency", [
    [["states", "recovering", "exit"], GONE],
  ]),
  broken("missing data alone", "the soak ends by the clock", "service-down", [
    [["states", "settling", "after", "verify"], { target: "resolved" }],
  ]),
  broken("missing data alone", "silence counts as health", "unclassified", [
    [["states", "watching", "on", "signal.missing"], "resolved"],
  ]),
  broken("withheld", "nobody hears of a withheld act", "memory-leak", [
    [["states", "fallingBack", "states", "asked", "on", "fallback.withheld"], GONE],
  ]),
  broken("withheld", "nobody is told of a withheld act", "database-down", [
    [["states", "remedying", "states", "asked", "on", "remedy.withheld", 0, "actions"], "noteTold"],
  ]),
  broken("withheld", "a dropped act is waited for", "high-latency", [
    [["states", "remedying", "on", "remedy.dropped"], GONE],
  ]),
  broken("every slot", "it asks for what its runbook does not fill", "crash-loop", [
    [["states", "waiting", "entry"], { type: "ask", params: { slot: "fallback" } }],
  ]),
];

type Path = readonly (string | number)[];
type Change = readonly [path: Path, to: unknown];

function broken(
  invariant: string,
  breaks: string,
  name: string,
  changes: readonly Change[],
  limits = FEWER,
): Broken {
  const machine = MACHINES[name]?.machine;
  if (machine === undefined) throw new Error(`there is no machine "${name}"`);
  return { invariant, breaks, machine: altered(machine, changes), limits };
}

/** A copy of a machine with parts of its description changed; the parts have to be there, or are added where only their end is new. */
export function altered(machine: AnyStateMachine, changes: readonly Change[]): AnyStateMachine {
  const config = changes.reduce<unknown>(
    (whole, [path, to]) => changed(whole, path, to),
    machine.config,
  );
  return createMachine(config as never, machine.implementations as never) as AnyStateMachine;
}

function changed(whole: unknown, [first, ...rest]: Path, to: unknown): unknown {
  if (first === undefined)
    return typeof to === "function" ? (to as (old: unknown) => unknown)(whole) : to;
  if (Array.isArray(whole)) {
    const list: readonly unknown[] = whole;
    if (typeof first !== "number" || first >= list.length) throw new Error(`no item ${first}`);
    if (rest.length === 0 && to === GONE) return list.filter((_, index) => index !== first);
    return list.map((one, index) => (index === first ? changed(one, rest, to) : one));
  }
  if (typeof whole !== "object" || whole === null) throw new Error(`nothing to change at ${first}`);
  const group = whole as { readonly [name: string]: unknown };
  const isNew = !Object.hasOwn(group, first);
  if (isNew && (rest.length > 0 || to === GONE)) throw new Error(`there is no ${first}`);
  if (rest.length > 0 || to !== GONE) return { ...group, [first]: changed(group[first], rest, to) };
  const { [first]: _, ...others } = group;
  return others;
}

function withRaised(type: string): (old: unknown) => unknown {
  return (old) => [old, raise({ type }, { delay: 1, id: `raised ${type}` })].flat();
}

function withoutAction(name: string): (old: unknown) => unknown {
  return (old) => {
    const list: readonly unknown[] = Array.isArray(old) ? old : [old];
    if (!list.includes(name)) throw new Error(`there is no action ${name}`);
    return list.filter((one) => one !== name);
  };
}
