import { initialTransition, transition, type AnyMachineSnapshot } from "xstate";

import { MACHINES } from "../../state-machines/index.ts";
import type {
  Before,
  Effect,
  MachineDefinition,
  MachineEvent,
} from "../../state-machines/vocabulary.ts";
import type { Ending, MachineSnapshot } from "../domain/incident.ts";
import { canonical, type Json, type JsonObject } from "../domain/json.ts";
import type { Millis } from "../domain/time.ts";

/** What one event did to a machine, as data. The only file that calls XState to decide. */
export interface Step {
  readonly snapshot: MachineSnapshot;
  /** The state as a path: `remedying.asked`. */
  readonly state: string;
  readonly effects: readonly Effect[];
  readonly timersSet: readonly TimerRequest[];
  readonly timersCleared: readonly string[];
  /** False when nothing in the present state listens to the event. */
  readonly handled: boolean;
  /** A person has it: the machine only watches, for as long as it takes. */
  readonly isWithPerson: boolean;
  readonly ending: Ending | null;
}

export interface TimerRequest {
  readonly name: string;
  readonly delayMs: Millis;
  readonly event: JsonObject;
}

/** The first state of a machine. `limits` must hold every bound the machine names. `before`: it begins once more. */
export function begin(
  name: string,
  limits: { readonly [bound: string]: number },
  before?: Before,
): Step {
  const { machine, version } = definitionOf(name);
  const input = before === undefined ? { limits } : { limits, before };
  const [snapshot, actions] = initialTransition(machine, input);
  return read(name, version, snapshot, actions, true);
}

/**
 * What followed from a snapshot and an event before: the same again, because machines are pure. While a person has an incident its
 * snapshot stays for days, and each look would ask the same.
 */
const followed = new WeakMap<MachineSnapshot, Map<string, Step>>();

/** The next state. Throws when the stored snapshot does not fit the machine: the caller parks the incident. */
export function step(stored: MachineSnapshot, event: MachineEvent | JsonObject): Step {
  const known = followed.get(stored) ?? new Map<string, Step>();
  const key = JSON.stringify(event);
  const next = known.get(key) ?? take(stored, event);
  followed.set(stored, known.set(key, next));
  return next;
}

function take(stored: MachineSnapshot, event: MachineEvent | JsonObject): Step {
  const { machine, version } = definitionOf(stored.machine);
  if (version !== stored.version) {
    throw new Error(
      `${stored.machine} is at version ${version}, the incident was left by version ${stored.version}`,
    );
  }
  // A snapshot from JSON is no live one; resolveState throws on a state that no longer exists, which is wanted.
  const before = machine.resolveState({ value: stored.value as never, context: stored.context });
  const [after, actions] = transition(machine, before, event as never);
  // A state that is entered again gives back the very same snapshot; its actions tell that it was.
  const handled = after !== before || actions.length > 0;
  const next = read(stored.machine, version, after, actions, handled);
  // One that is the same stays the same object, so that it is found again.
  const isSame = canonical(next.snapshot) === canonical(stored);
  return isSame ? { ...next, snapshot: stored } : next;
}

function definitionOf(name: string): MachineDefinition {
  const definition = MACHINES[name];
  if (definition === undefined) throw new Error(`there is no machine "${name}"`);
  return definition;
}

function read(
  machine: string,
  version: number,
  after: AnyMachineSnapshot,
  actions: readonly ActionData[],
  handled: boolean,
): Step {
  const value = after.value as Json;
  return {
    snapshot: { machine, version, value, context: after.context as JsonObject },
    state: pathOf(value),
    ...wishesOf(actions),
    handled,
    isWithPerson: after.hasTag("person"),
    ending: after.status === "done" ? endingOf(pathOf(value)) : null,
  };
}

interface ActionData {
  readonly type: string;
  readonly params?: unknown;
}

/** What a machine wants, from the actions that XState gives back. Throws on an effect that is not in the vocabulary. */
export function wishesOf(
  actions: readonly ActionData[],
): Pick<Step, "effects" | "timersSet" | "timersCleared"> {
  const effects: Effect[] = [];
  const timersSet: TimerRequest[] = [];
  const timersCleared: string[] = [];
  for (const action of actions) {
    switch (action.type) {
      case "ease":
        effects.push({ type: "ease" });
        break;
      case "ask":
      case "tell":
      case "judge":
        effects.push({ type: action.type, params: action.params } as Effect);
        break;
      case "xstate.raise": {
        const { event, id, delay } = action.params as {
          event: JsonObject;
          id: string;
          delay: number;
        };
        // A re-entered state cancels and sets the same id: the last word counts.
        timersSet.push({ name: id, delayMs: delay, event });
        break;
      }
      case "xstate.cancel":
        timersCleared.push((action.params as { sendId: string }).sendId);
        break;
      default:
        throw new Error(`a machine asked for an effect nobody knows: ${action.type}`);
    }
  }
  return { effects, timersSet, timersCleared };
}

/** A state as a path: `remedying.asked`. */
export function pathOf(value: Json): string {
  if (typeof value === "string") return value;
  const [entry] = Object.entries(value as JsonObject);
  if (entry === undefined) return "";
  const [name, inner] = entry;
  const rest = pathOf(inner ?? "");
  return rest === "" ? name : `${name}.${rest}`;
}

const ENDINGS: Readonly<Record<string, Ending>> = {
  resolved: "resolved",
  falseAlarm: "false-alarm",
  attached: "attached",
};

function endingOf(state: string): Ending {
  const ending = ENDINGS[state];
  if (ending === undefined) throw new Error(`the end "${state}" is not in the vocabulary`);
  return ending;
}
