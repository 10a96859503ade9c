import {
  getNextTransitions,
  type ActorLogic,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyTransitionDefinition,
  type InspectionEvent,
  type Snapshot,
} from "xstate";
import { adjacencyMapToArray, getAdjacencyMap, type AdjacencyMap } from "xstate/graph";

import { pathOf, wishesOf } from "../../src/core/step.ts";
import type { Json, JsonObject } from "../../src/domain/json.ts";
import type { Before, Effect, MachineEvent } from "../../state-machines/vocabulary.ts";
import { ALPHABET, FEWER, LIMITS, type Limits } from "./alphabet.ts";

export type Heard = MachineEvent | (JsonObject & { readonly type: string });

/** One reachable state: where the machine rests, what it has counted, and which timers are set. */
export interface Node {
  readonly index: number;
  readonly state: string;
  readonly isEnd: boolean;
  readonly isWithPerson: boolean;
  /** Timers that are set, by name: the events they will fire. */
  readonly timers: ReadonlyMap<string, Heard>;
  readonly edges: Edge[];
}

/** What one event does in one state. */
export interface Edge {
  readonly event: Heard;
  readonly from: Node;
  readonly to: Node;
  readonly effects: readonly Effect[];
}

/** All reachable states of a machine, and what was met on the way to them. */
export interface Exploration {
  readonly machine: AnyStateMachine;
  readonly limits: Limits;
  readonly nodes: readonly Node[];
  /** An incident that came back and left something on begins with it. */
  readonly isOn: boolean;
  /** What the first state asks for. */
  readonly opening: readonly Effect[];
  /** Paths of all states that were entered, also those that are never rested in. */
  readonly visited: ReadonlySet<string>;
  /** Transitions that were selected at least once … */
  readonly taken: ReadonlySet<AnyTransitionDefinition>;
  /** … and those whose guard said no at least once. */
  readonly refused: ReadonlySet<AnyTransitionDefinition>;
}

/** A machine with its timers, because XState gives those back as data and the core keeps them. */
type Place = Snapshot<unknown> & {
  readonly snapshot: AnyMachineSnapshot;
  readonly timers: ReadonlyMap<string, Heard>;
  readonly effects: readonly Effect[];
};

/** XState asks every logic for this; whether a place is an end, its own snapshot says. */
const ACTIVE = { status: "active", output: undefined, error: undefined } as const;

const STATES_MAX = 1_000_000;

/** Walks a machine from its beginning with every event of the alphabet and every timer that is set, in every state. */
export function explore(machine: AnyStateMachine, limits = LIMITS): Exploration {
  return exploreFrom(machine, { limits }, nothingMet());
}

/** An incident that opens, and one that was over and comes back: what was met is of both. */
export function exploreBoth(machine: AnyStateMachine): readonly [Exploration, Exploration] {
  const met = nothingMet();
  const opened = exploreFrom(machine, { limits: LIMITS }, met);
  // It had one try, which left something on, where there is anything that could.
  const contained = opened.nodes.some(({ edges }) => edges.some(leavesSomethingOn));
  const before: Before = { asks: 1, acts: 0, returned: true, contained };
  return [opened, exploreFrom(machine, { limits: FEWER, before }, met)];
}

function leavesSomethingOn({ effects }: Edge): boolean {
  return effects.some((effect) => effect.type === "ask" && effect.params.slot === "undo");
}

interface Input {
  readonly limits: Limits;
  readonly before?: Before;
}

function exploreFrom(machine: AnyStateMachine, input: Input, met: Met): Exploration {
  const { limits } = input;
  const map = getAdjacencyMap<Place, Heard, Input>(logicOf(machine, met), {
    input,
    events: eventsIn,
    serializeState: keyOf,
    stopWhen: ({ snapshot }) => snapshot.status !== "active",
    limit: STATES_MAX,
  });
  const [first] = Object.values(map);
  const isOn = input.before?.contained === true;
  const opening = first?.state.effects ?? [];
  return { machine, limits, isOn, nodes: nodesOf(map), opening, ...met };
}

const nothingMet = (): Met => ({ visited: new Set(), taken: new Set(), refused: new Set() });

interface Met {
  readonly visited: Set<string>;
  readonly taken: Set<AnyTransitionDefinition>;
  readonly refused: Set<AnyTransitionDefinition>;
}

interface Microstep {
  readonly event: Heard;
  readonly snapshot: AnyMachineSnapshot;
  readonly transitions: readonly AnyTransitionDefinition[];
}

/** The machine as XState's graph can walk it: a place instead of a snapshot, and every small step written down in `met`. */
function logicOf(machine: AnyStateMachine, met: Met): ActorLogic<Place, Heard, Input> {
  const listened = new WeakSet<object>();
  let steps: Microstep[] = [];
  const run = (
    scope: Scope,
    timers: ReadonlyMap<string, Heard>,
    move: (scope: Scope) => AnyMachineSnapshot,
  ): Place => {
    if (!listened.has(scope.system)) scope.system.inspect((one) => noteStep(one, steps));
    listened.add(scope.system);
    const actions: Action[] = [];
    steps = [];
    const snapshot = move({ ...scope, actionExecutor: (action) => void actions.push(action) });
    const { effects, timersSet, timersCleared } = wishesOf(actions);
    const set = new Map(timers);
    for (const name of timersCleared) set.delete(name);
    for (const { name, event } of timersSet) set.set(name, event as Heard);
    return { ...ACTIVE, snapshot, timers: set, effects };
  };
  return {
    getInitialSnapshot: (scope, input) => {
      const place = run(scope, new Map(), (inner) =>
        machine.getInitialSnapshot(inner as never, input),
      );
      judge(null, place.snapshot, steps, met);
      return place;
    },
    transition: (before, event, scope) => {
      const left = new Map([...before.timers].filter(([, fired]) => fired.type !== event.type));
      const place = run(scope, left, (inner) =>
        machine.transition(before.snapshot, event, inner as never),
      );
      judge(before.snapshot, place.snapshot, steps, met);
      return place;
    },
    getPersistedSnapshot: (place) => place,
  };
}

type Scope = Parameters<ActorLogic<Place, Heard, Input>["transition"]>[2];
type Action = Parameters<Scope["actionExecutor"]>[0];

function noteStep(one: InspectionEvent, steps: Microstep[]): void {
  if (one.type !== "@xstate.microstep") return;
  const { event, snapshot, _transitions: transitions } = one;
  steps.push({ event, snapshot: snapshot as AnyMachineSnapshot, transitions });
}

/** Which transitions were selected, and which were asked in vain before one was. */
function judge(
  before: AnyMachineSnapshot | null,
  after: AnyMachineSnapshot,
  steps: readonly Microstep[],
  met: Met,
): void {
  let at = before;
  for (const { event, snapshot, transitions } of steps) {
    for (const one of transitions) {
      met.taken.add(one);
      met.visited.add(one.source.path.join("."));
    }
    for (const one of askedIn(at, event, transitions)) {
      if (transitions.includes(one)) break;
      met.refused.add(one);
    }
    for (const path of pathsOf(snapshot)) met.visited.add(path);
    at = snapshot;
  }
  for (const path of pathsOf(after)) met.visited.add(path);
  if (after.status !== "active") return;
  for (const one of getNextTransitions(after)) if (isEventless(one)) met.refused.add(one);
}

/** What XState asks in one small step, in its order: the innermost state first. */
function askedIn(
  at: AnyMachineSnapshot | null,
  event: Heard,
  selected: readonly AnyTransitionDefinition[],
): readonly AnyTransitionDefinition[] {
  const eventless = selected.find(isEventless);
  if (eventless !== undefined) return eventless.source.always ?? [];
  if (at === null) return [];
  return getNextTransitions(at).filter(({ eventType }) => eventType === event.type);
}

export function isEventless(one: AnyTransitionDefinition): boolean {
  return one.source.always?.includes(one) === true;
}

/** `remedying.asked` is two of them: itself and the state it is in. */
function pathsOf(snapshot: AnyMachineSnapshot): readonly string[] {
  const words = pathOf(snapshot.value as Json).split(".");
  return words.map((_, index) => words.slice(0, index + 1).join("."));
}

/** What somebody in the present state listens to; everything else is dropped by XState and changes nothing. */
function eventsIn({ snapshot, timers }: Place): readonly Heard[] {
  const listened = new Set(getNextTransitions(snapshot).map(({ eventType }) => eventType));
  return [...ALPHABET.filter(({ type }) => listened.has(type)), ...timers.values()];
}

/** What is kept for people: no guard reads it, so it makes no two states different. The bounds are the same in all of them. */
export const FOR_PEOPLE = ["cause", "reason", "helped"];

const keys = new WeakMap<Place, string>();

function keyOf(place: Place): string {
  const known = keys.get(place);
  if (known !== undefined) return known;
  const { value, context } = place.snapshot;
  const counts = Object.entries(context).filter(
    ([name]) => name !== "limits" && !FOR_PEOPLE.includes(name),
  );
  const key = JSON.stringify([value, counts, [...place.timers.keys()].sort()]);
  keys.set(place, key);
  return key;
}

function nodesOf(map: AdjacencyMap<Place, Heard>): readonly Node[] {
  const nodes = new Map<string, Node>();
  for (const [key, { state: place }] of Object.entries(map)) {
    nodes.set(key, {
      index: nodes.size,
      state: pathOf(place.snapshot.value as Json),
      isEnd: place.snapshot.status === "done",
      isWithPerson: place.snapshot.hasTag("person"),
      timers: place.timers,
      edges: [],
    });
  }
  for (const { state, event, nextState } of adjacencyMapToArray(map)) {
    const from = nodes.get(keyOf(state));
    const to = nodes.get(keyOf(nextState));
    if (from !== undefined && to !== undefined)
      from.edges.push({ event, from, to, effects: nextState.effects });
  }
  return [...nodes.values()];
}
