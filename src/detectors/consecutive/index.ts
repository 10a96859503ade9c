import type { Sample } from "../../domain/sample.ts";
import type { Instant } from "../../domain/time.ts";
import type { Verdict, VerdictState } from "../../domain/verdict.ts";
import { FLAP_DEFAULTS, FLAPS_START, record, type Flaps, type FlapSettings } from "./flaps.ts";

/**
 * Health hysteresis: so many failures in a row open, so many successes in a row close. A look that cannot say
 * neither counts nor interrupts, but so many of them in a row mean that the signal is missing.
 * Counts as in Gatus: 3 and 2. While the signal flaps, health is not believed: one incident stays open.
 */
export interface ConsecutiveSettings {
  readonly openAfter: number;
  readonly closeAfter: number;
  readonly missingAfter: number;
  readonly flap: FlapSettings;
}

export const CONSECUTIVE_DEFAULTS: ConsecutiveSettings = {
  openAfter: 3,
  closeAfter: 2,
  missingAfter: 3,
  flap: FLAP_DEFAULTS,
};

export interface ConsecutiveState {
  /** The last judgement that rests on looks that could say; `inconclusive` until there were enough of them. */
  readonly judged: "healthy" | "breached" | "inconclusive";
  readonly failures: number;
  readonly successes: number;
  readonly unknowns: number;
  readonly onset: Instant | null;
  readonly last: VerdictState;
  readonly flaps: Flaps;
}

export const CONSECUTIVE_START: ConsecutiveState = {
  judged: "inconclusive",
  failures: 0,
  successes: 0,
  unknowns: 0,
  onset: null,
  last: "inconclusive",
  flaps: FLAPS_START,
};

/** Judges one more sample. Pure: the same state and sample give the same verdict. */
export function judge(
  state: ConsecutiveState,
  sample: Sample,
  settings: ConsecutiveSettings,
): { readonly state: ConsecutiveState; readonly verdict: Verdict } {
  const next =
    sample.value === null ? countUnknown(state, sample, settings) : count(state, sample, settings);
  return {
    state: next,
    verdict: {
      signal: { target: sample.target, probe: sample.probe, name: sample.name },
      at: sample.ts,
      state: next.last,
      before: state.last,
      onset: next.onset,
      failing: next.judged !== "breached" && next.failures > 0,
      evidence: {
        detector: "consecutive",
        failures: next.failures,
        successes: next.successes,
        unknowns: next.unknowns,
        openAfter: settings.openAfter,
        closeAfter: settings.closeAfter,
        ...(next.flaps.isFlapping ? { numbers: flappingNumbers(next.flaps, settings) } : {}),
        ...(sample.problem === undefined ? {} : { problem: sample.problem }),
        ...(sample.processStart === undefined ? {} : { processStart: sample.processStart }),
        ...(sample.details === undefined ? {} : { details: sample.details }),
      },
    },
  };
}

function countUnknown(
  state: ConsecutiveState,
  sample: Sample,
  settings: ConsecutiveSettings,
): ConsecutiveState {
  // Our own switch refusing us, a call that is not yet due, a target we let sleep: looks that worked. Everything else is one that
  // did not.
  const { code } = sample.problem ?? {};
  if (code === "refused-by-switch" || code === "call-awaited" || code === "target-asleep")
    return { ...state, unknowns: 0, last: "inconclusive" };
  const unknowns = state.unknowns + 1;
  return {
    ...state,
    unknowns,
    last: unknowns >= settings.missingAfter ? "missing" : "inconclusive",
  };
}

function count(
  state: ConsecutiveState,
  sample: Sample,
  settings: ConsecutiveSettings,
): ConsecutiveState {
  const isUp = sample.value === 1;
  const failures = isUp ? 0 : state.failures + 1;
  const successes = isUp ? state.successes + 1 : 0;
  const judged =
    failures >= settings.openAfter
      ? "breached"
      : successes >= settings.closeAfter
        ? "healthy"
        : state.judged;
  const isOver = judged !== "breached" && isUp;
  const onset = isOver
    ? null
    : !isUp && state.failures === 0 && state.judged !== "breached"
      ? sample.ts
      : state.onset;
  // A breach under repair, or a first failure, is neither: what is being counted is not yet a judgement.
  const isUndecided = (judged === "breached" && isUp) || (judged === "healthy" && !isUp);
  const isHard = judged !== "inconclusive" && !isUndecided;
  const flaps = isHard ? record(state.flaps, sample.ts, isUp, settings.flap) : state.flaps;
  const isDoubted = judged === "healthy" && flaps.isFlapping;
  return {
    judged,
    failures,
    successes,
    unknowns: 0,
    onset,
    last: isUndecided || isDoubted ? "inconclusive" : judged,
    flaps,
  };
}

function flappingNumbers({ percent }: Flaps, { flap }: ConsecutiveSettings) {
  return {
    reason: "flapping: health is not believed until the changes are fewer",
    flapPercent: Math.round(10 * percent) / 10,
    flapStarts: flap.high,
    flapEnds: flap.low,
  };
}
