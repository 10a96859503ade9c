import { machineFor, MACHINES } from "../../state-machines/index.ts";
import { waysOut, type WaysOut } from "../../state-machines/ways-out.ts";
import { modeFor } from "../domain/mode.ts";
import { ACT_SLOTS, type Slot, type Step } from "../domain/runbook.ts";
import type { Config, TargetConfig } from "./config.ts";
import { opensOn } from "./possible-acts.ts";

/** What walking the machines with the events of one configuration shows. */
export interface DeadEnds {
  /** What must not be: the target (its index; null: alerts of no target) whose incidents can get stuck, and where. */
  readonly faults: readonly { readonly target: number | null; readonly message: string }[];
  /** Where an incident waits for a person's order and for nothing else, by design. */
  readonly lines: readonly string[];
}

/**
 * Walks the machine of each kind of incident that can open, with the events that this configuration can produce.
 *
 * The shipped machines lead out of every state under every configuration: an attempt that nobody carries out is given up within half an
 * hour and heard as `dropped`, every other wait has a timer, and a person's order, which needs nothing but the data folder, is heard
 * everywhere. What is not so is refused here, because an incident that nothing can end keeps people from hearing of the next one.
 * Takes up to a second for all machines, once for each process.
 */
export function deadEndsOf(config: Config): DeadEnds {
  const walks = config.targets.flatMap((target, index) =>
    opensOn(target).map(({ kind }) => walk(config, target, index, kind)),
  );
  const all = Object.keys(config.hooks).length === 0 ? walks : [...walks, walkHints()];
  return {
    faults: all.flatMap(({ faults }) => faults),
    lines: [...new Set(all.flatMap(({ lines }) => lines))],
  };
}

function walk(config: Config, target: TargetConfig, index: number, kind: string): DeadEnds {
  const { rules, isOnRailway, hasTokens } = config;
  const name = machineFor(kind);
  const machine = MACHINES[name]?.machine;
  if (machine === undefined) return { faults: [], lines: [] };
  const slots = rules.runbooks[name]?.slots ?? {};
  const done = Object.entries(slots).flatMap(([slot, step]) =>
    isDone(config, target, kind, step) ? [slot as Slot] : [],
  );
  const isExplained = target.needs.length > 0 || opensOn(target).length > 1;
  const found = waysOut(machine, (type) =>
    type === "upstream.opened"
      ? isExplained
      : type.startsWith("signal.") || type.startsWith("person.") || comesOfAct(type, done),
  );
  const what = `${kind} of ${target.name}`;
  const where = isOnRailway && !hasTokens ? ", given in a shell of Signalman's own service" : "";
  const isEverOn = done.some((slot) => slot === "contain" || ACT_SLOTS.includes(slot));
  return {
    faults: faultsOf(found, what).map((message) => ({ target: index, message })),
    lines: isEverOn
      ? found.byOrderOnly.map(
          (state) => `${what}: out of "${state}" only a person's order leads (resolve)${where}`,
        )
      : [],
  };
}

/** Alerts from outside that fit no target: no look of our own says anything of them. */
function walkHints(): DeadEnds {
  const machine = MACHINES["unclassified"]?.machine;
  if (machine === undefined) return { faults: [], lines: [] };
  const found = waysOut(machine, (type) => /^(hint|person)\./.test(type));
  const faults = faultsOf(found, "an alert of no target");
  return { faults: faults.map((message) => ({ target: null, message })), lines: [] };
}

function faultsOf({ stuck, deaf, unheard }: WaysOut, what: string): readonly string[] {
  return [
    ...stuck.map(
      (state) =>
        `${what} can never leave "${state}": no event that this configuration can produce leads from there to an end, not even a person's order`,
    ),
    ...deaf.map((state) => `${what} does not hear a person's "resolve" in "${state}"`),
    ...unheard.map(
      (state) =>
        `${what} stays in "${state}" until a person's order, and nobody is told that it waits for one`,
    ),
  ];
}

/** Whether a step is ever begun: what nobody can carry out and what shadow only writes down is `dropped`. */
function isDone({ rules, railway }: Config, target: TargetConfig, kind: string, step: Step) {
  const traits = rules.actions[step.action];
  if (traits === undefined) return false;
  const name = step.with["switch"];
  if (typeof name === "string" && rules.switches[name] === undefined) return false;
  if (traits.effect === "look") return true;
  const isOfPlatform = typeof name !== "string";
  if (isOfPlatform && (railway.token === null || target.service === null)) return false;
  const scopes = [step.action, target.name, kind, ...(isOfPlatform ? [] : [name])];
  return modeFor(rules.modes, scopes) !== "shadow";
}

/** What is asked for is dropped at the latest; what was switched on is seen to be off at its own end. */
function comesOfAct(type: string, done: readonly Slot[]): boolean {
  const [slot, word] = type.split(".");
  if (slot === "hint") return false;
  return word === "dropped" || slot === "undo" || done.some((one) => one === slot);
}
