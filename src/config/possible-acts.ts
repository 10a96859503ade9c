import { MACHINES } from "../../state-machines/index.ts";
import { BATCH_DETECTORS } from "../detectors/index.ts";
import type { ActionTraits } from "../domain/attempt.ts";
import { modeFor } from "../domain/mode.ts";
import type { Mode } from "../domain/rules.ts";
import type { Slot } from "../domain/runbook.ts";
import type { Millis } from "../domain/time.ts";
import type { Registered } from "../probes/definition.ts";
import { probes } from "../probes/index.ts";
import type { Config, ProbeConfig, TargetConfig } from "./config.ts";
import { saysUp } from "./probes.ts";

/** What a runbook may ask for on a target, and how far it may go. */
export interface PossibleAct {
  readonly target: TargetConfig;
  readonly kind: string;
  readonly slot: Slot;
  readonly traits: ActionTraits;
  readonly mode: Mode;
}

/** A kind of incident that can open on a target, and how soon so many healthy looks in a row can follow. */
export interface PossibleKind {
  readonly kind: string;
  readonly probe: ProbeConfig;
  readonly provenWithin: (samples: number) => Millis;
  /** How long its detector sees calm before the first of them. */
  readonly calmMs: Millis;
}

/** Every act that this configuration may lead to: kinds that can open × slots of their runbooks. Looks are none. */
export function possibleActs({ rules, targets }: Config): readonly PossibleAct[] {
  return targets.flatMap((target) =>
    kindsOf(target).flatMap(({ kind }) =>
      Object.entries(rules.runbooks[kind]?.slots ?? {}).flatMap(([slot, step]) => {
        const traits = rules.actions[step.action];
        if (traits === undefined || traits.effect === "look") return [];
        const name = step.with["switch"];
        const isSwitch = typeof name === "string";
        // What nobody could carry out is asked for and never done.
        if (isSwitch ? rules.switches[name] === undefined : target.service === null) return [];
        const scopes = [step.action, target.name, kind, ...(isSwitch ? [name] : [])];
        return [{ target, kind, slot: slot as Slot, traits, mode: modeFor(rules.modes, scopes) }];
      }),
    ),
  );
}

/** The kinds with a machine of their own that can open on a target, each by the probe that looks most often. */
export function kindsOf(target: TargetConfig): readonly PossibleKind[] {
  return opensOn(target).filter(isHandled);
}

/** All kinds that can open on a target, also those that only tell people. */
export function opensOn(target: TargetConfig): readonly PossibleKind[] {
  const inOrder = foundOn(target).toSorted((a, b) => a.provenWithin(2) - b.provenWithin(2));
  return inOrder.filter(
    (one, index) => inOrder.findIndex(({ kind }) => kind === one.kind) === index,
  );
}

/** Those with a machine, by each probe and each detector that can open them: an incident follows the one that did. */
export function openingsOf(target: TargetConfig): readonly PossibleKind[] {
  return foundOn(target).filter(isHandled);
}

const isHandled = ({ kind }: PossibleKind): boolean =>
  kind !== "unclassified" && Object.hasOwn(MACHINES, kind);

function foundOn(target: TargetConfig): readonly PossibleKind[] {
  return target.probes.flatMap((probe) => [
    ...byUp(probe, target.probes),
    ...byDetectors(probe, target),
  ]);
}

function byUp(probe: ProbeConfig, all: readonly ProbeConfig[]): readonly PossibleKind[] {
  const { opens }: Registered = probes[probe.kind];
  if (opens === null || !saysUp(probe, all)) return [];
  const { closeAfter, retryEveryMs, everyMs } = probe;
  // It is looked at often until it is well, which is the first healthy sample; then at its usual pace.
  return [
    {
      kind: opens,
      probe,
      provenWithin: (samples) => closeAfter * retryEveryMs + (samples - 1) * everyMs,
      calmMs: 0,
    },
  ];
}

function byDetectors(probe: ProbeConfig, target: TargetConfig): readonly PossibleKind[] {
  return detectorsOf(probe, target).map(({ name, opens, defaults }) => {
    const { closeAfterMs } = Object({ ...Object(defaults), ...target.detect[name] });
    return {
      kind: opens ?? "",
      probe,
      provenWithin: (samples: number) => samples * probe.everyMs,
      calmMs: typeof closeAfterMs === "number" ? closeAfterMs : 0,
    };
  });
}

/** The detectors that judge what a probe measures, and open something. */
export function detectorsOf(
  probe: ProbeConfig,
  { url }: TargetConfig,
): readonly (typeof BATCH_DETECTORS)[number][] {
  const { measures = [] }: Registered = probes[probe.kind];
  const { settings } = probe;
  const isRailway = settings.kind === "railway";
  // Railway counts requests at its edge, and only what comes in over it.
  const isCounted = !isRailway || (settings.edge ?? url !== null);
  const signals = [
    ...measures.flatMap((what) => (what === "requests" && !isCounted ? [] : SIGNALS[what])),
    ...(isRailway ? ["restarts"] : []),
  ];
  return BATCH_DETECTORS.filter(
    ({ opens, reads }) => opens !== null && reads[0] !== undefined && signals.includes(reads[0]),
  );
}

/** What a verification may ask for: whether it answers, and what a detector judges that some probe can feed. */
export const verifiable = (): readonly string[] => {
  const all: readonly string[] = [...Object.values(SIGNALS).flat(), "restarts"];
  return [
    "up",
    ...BATCH_DETECTORS.filter(
      ({ opens, reads }) => opens !== null && all.includes(reads[0] ?? ""),
    ).map(({ name }) => name),
  ];
};

/** What a detector reads first tells what it is about. */
const SIGNALS = {
  requests: ["failed", "requests", "latency_bucket", "latency_p95_ms"],
  memory: ["memory_used", "connections_used"],
} as const;
