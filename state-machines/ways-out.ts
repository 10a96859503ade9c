import {
  createEmptyActor,
  getNextTransitions,
  initialTransition,
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
} from "xstate";

import { SLOTS, type Slot } from "../src/domain/runbook.ts";
import {
  ADVICE,
  CONFIRM_ANSWERS,
  PLAIN_EVENTS,
  TROUBLES,
  type MachineEvent,
} from "./vocabulary.ts";

/** What a machine may rest in, told by what leads out of it. Each state once, by its path: `remedying.asked`. */
export interface WaysOut {
  /** No event that may come leads to an end, not even a person's order. */
  readonly stuck: readonly string[];
  /** A person's `resolve` is not heard there. */
  readonly deaf: readonly string[];
  /** Unless a person orders it or something else explains it, neither an end is reached nor a state that people are told is theirs. */
  readonly unheard: readonly string[];
  /** People have it, and nothing but their order leads out of it, unless it gets worse first. */
  readonly byOrderOnly: readonly string[];
}

/**
 * Walks a machine from its beginning with the events that may come, and with its timers, which always do.
 *
 * Counts do not matter for where a machine can get stuck, so the bounds are as small as they may be and one walk of all events is kept
 * for each machine; `mayCome` then says which ways of it are there.
 */
export function waysOut(machine: AnyStateMachine, mayCome: (type: string) => boolean): WaysOut {
  const rests = restsOf(machine);
  const isThere = ({ type }: Way): boolean => isTimer(type) || mayCome(type);
  const reachable = forward(rests, isThere);
  const open = reachable.filter(({ isEnd }) => !isEnd);
  // That something else fails which explains it is nothing to wait for either.
  const byItself = (way: Way): boolean =>
    isThere(way) && !way.type.startsWith("person.") && way.type !== "upstream.opened";
  const ending = backward(reachable, isThere, ({ isEnd }) => isEnd);
  const isLeft = ({ state, ways }: Rest): boolean =>
    ways.some((way) => byItself(way) && way.type !== "signal.breached" && way.to.state !== state);
  const heardByItself = backward(reachable, byItself, (rest) => rest.isEnd || rest.isWithPerson);
  const named = (isMeant: (rest: Rest) => boolean): readonly string[] => [
    ...new Set(open.filter(isMeant).map(({ state }) => state)),
  ];
  return {
    stuck: named((rest) => !ending.has(rest)),
    deaf: named((rest) => ending.has(rest) && !isHeard(rest, "person.resolved")),
    unheard: named((rest) => ending.has(rest) && !heardByItself.has(rest)),
    byOrderOnly: named((rest) => rest.isWithPerson && ending.has(rest) && !isLeft(rest)),
  };
}

/** Where a machine can rest: its state and all that a guard may read. */
interface Rest {
  readonly state: string;
  readonly isEnd: boolean;
  readonly isWithPerson: boolean;
  readonly ways: Way[];
}

interface Way {
  readonly type: string;
  readonly to: Rest;
}

const isHeard = ({ ways }: Rest, event: string): boolean => ways.some(({ type }) => type === event);

const isTimer = (type: string): boolean => type.startsWith("xstate.after.");

/** Beyond that a machine is no longer small, and nobody can say that it was looked at whole. */
const RESTS_MAX = 20_000;

/** Both sides of each guard are met; a count above only makes the same ways longer. */
const BOUNDS = { asksMax: 2 } as const;

const walked = new WeakMap<AnyStateMachine, readonly Rest[]>();

/** All that can be reached with every event of the vocabulary; the first is the beginning. */
function restsOf(machine: AnyStateMachine): readonly Rest[] {
  const known = walked.get(machine);
  if (known !== undefined) return known;
  const limits = new Proxy(BOUNDS, {
    get: (bounds, name) => (name in bounds ? Reflect.get(bounds, name) : 1) as unknown,
  });
  const rests = new Map<string, Rest>();
  const queue: { readonly rest: Rest; readonly snapshot: AnyMachineSnapshot }[] = [];
  const found = (snapshot: AnyMachineSnapshot): Rest => {
    const key = keyOf(snapshot);
    const old = rests.get(key);
    if (old !== undefined) return old;
    if (rests.size >= RESTS_MAX) throw new Error(`${machine.id} has more than ${RESTS_MAX} states`);
    const rest: Rest = {
      state: stateOf(snapshot),
      isEnd: snapshot.status === "done",
      isWithPerson: snapshot.hasTag("person"),
      ways: [],
    };
    rests.set(key, rest);
    queue.push({ rest, snapshot });
    return rest;
  };
  found(initialTransition(machine, { limits })[0]);
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (at.rest.isEnd) continue;
    const listened = new Set(getNextTransitions(at.snapshot).map(({ eventType }) => eventType));
    const timers = [...listened].filter(isTimer).map((type) => ({ type }));
    for (const event of [...EVENTS.filter(({ type }) => listened.has(type)), ...timers]) {
      const to = found(machine.transition(at.snapshot, event, SCOPE));
      at.rest.ways.push({ type: event.type, to });
    }
  }
  const all = [...rests.values()];
  walked.set(machine, all);
  return all;
}

/** Machines are pure, so one scope that does nothing serves all steps; `transition` would make a new one for each, at thrice the time. */
const EMPTY = createEmptyActor();
const nothing = (): void => undefined;
const SCOPE: AnyActorScope = {
  self: EMPTY,
  id: "",
  sessionId: "",
  logger: nothing,
  defer: nothing,
  system: EMPTY.system,
  stopChild: nothing,
  emit: nothing,
  actionExecutor: nothing,
};

/** Every event of the vocabulary, with every word that a guard may ask for. */
const EVENTS: readonly MachineEvent[] = [
  ...PLAIN_EVENTS.map((type) => ({ type })),
  ...SLOTS.flatMap((slot): readonly MachineEvent[] => [
    ...seen(slot),
    { type: `${slot}.started` },
    ...TROUBLES.map((trouble) => ({ type: `${slot}.${trouble}`, code: "paused" }) as const),
  ]),
];

function seen(slot: Slot): readonly MachineEvent[] {
  if (slot === "confirm")
    return CONFIRM_ANSWERS.map((answer) => ({ type: `${slot}.seen`, answer }));
  if (slot === "inspect")
    return ADVICE.map((advice) => ({ type: `${slot}.seen`, advice, cause: "crashed" }));
  return [{ type: `${slot}.seen` }];
}

/** What is kept for people decides no way, and the bounds are the same everywhere. */
const NOT_DECIDING: readonly string[] = ["limits", "cause", "reason", "helped", "told"];

function keyOf({ value, context }: AnyMachineSnapshot): string {
  const counts = Object.entries(context).filter(([name]) => !NOT_DECIDING.includes(name));
  return JSON.stringify([value, counts]);
}

/** `remedying.asked`. */
function stateOf({ value }: AnyMachineSnapshot): string {
  return JSON.stringify(value).replaceAll(/[{}"]/g, "").replaceAll(":", ".");
}

function forward([first]: readonly Rest[], isThere: (way: Way) => boolean): readonly Rest[] {
  const found = new Set(first === undefined ? [] : [first]);
  for (const rest of found) for (const way of rest.ways) if (isThere(way)) found.add(way.to);
  return [...found];
}

/** Those from which a goal is reached. */
function backward(
  rests: readonly Rest[],
  isThere: (way: Way) => boolean,
  isGoal: (rest: Rest) => boolean,
): ReadonlySet<Rest> {
  const before = new Map<Rest, Rest[]>();
  for (const rest of rests)
    for (const { to } of rest.ways.filter(isThere))
      before.set(to, [...(before.get(to) ?? []), rest]);
  const found = new Set(rests.filter(isGoal));
  for (const rest of found) for (const one of before.get(rest) ?? []) found.add(one);
  return found;
}
