import type { Instant } from "../../domain/time.ts";
import type { BatchDetector } from "../batch.ts";
import { isOverdue, look, PACE_START, type Pace } from "../pace.ts";
import { LEVELS } from "./reading.ts";
import { arrivalOf, note } from "./release.ts";
import { afterRelease, SEEN_START, takeIn, type Seen } from "./seen.ts";
import { ROLLOUT_DEFAULTS, type RolloutSettings } from "./settings.ts";
import { tracksOf, type Track } from "./track.ts";
import { judgeWatch, say, type Judged } from "./watch.ts";

export interface RolloutState {
  readonly pace: Pace;
  /** Commits (or ids) that were live, the newest last. */
  readonly known: readonly string[];
  /** What was seen since the last release. */
  readonly seen: Seen;
  readonly watch: Watch | null;
}

/** A release and what it is compared with. */
export interface Watch {
  readonly deployment: string;
  readonly from: Instant;
  /** Empty when too little was seen before. */
  readonly tracks: readonly Track[];
  /** `open` while a regression stands; the other two are final. */
  readonly verdict: "watching" | "open" | "healthy" | "inconclusive";
  readonly reason: string | null;
  readonly onset: Instant | null;
  /** While open: since when the last windows are good. */
  readonly calmSince: Instant | null;
}

/**
 * Compares errors and latency after a release with what they were before it, for 30 minutes, sequentially and on counts.
 * Opens on a rise beyond chance, burstiness and a minimum; says healthy only when a rise is excluded; otherwise inconclusive.
 * Only a share that was healthy before can regress. The deployment that is live already is no release.
 */
export const rolloutRegression: BatchDetector<RolloutState, RolloutSettings> = {
  name: "rollout-regression",
  turn: 5,
  opens: "rollout-regression",
  reads: ["failed", "requests", "error_ratio", "latency_bucket", ...LEVELS, "deployment"],
  start: { pace: PACE_START, known: [], seen: SEEN_START, watch: null },
  defaults: ROLLOUT_DEFAULTS,
  judge: (before, batch, settings) => {
    const arrival = arrivalOf(before.known, batch.deployment);
    if (before.pace.looked !== null && batch.ts < before.pace.looked)
      return say(before, "inconclusive", { reason: "older than the last batch" });
    const isLate = isOverdue(before.pace, batch.ts);
    const taken = takeIn(before.seen, batch, settings);
    const { told } = taken;
    // What the batch that tells of a release counts is of both, so it belongs to neither.
    const isNew = arrival === "release" || arrival === "return";
    const seen = isNew ? { ...before.seen, last: taken.seen.last } : taken.seen;
    const isLook = told || rolloutRegression.reads.some((signal) => batch.values[signal] === null);
    const pace =
      isLook && batch.ts !== before.pace.looked ? look(before.pace, batch.ts, told) : before.pace;
    const state = { ...before, pace, seen };
    if (isNew) return release(state, batch.deployment ?? "", batch.ts, arrival, settings);
    if (!told)
      return isLate
        ? say(state, "missing", { reason: "no requests and no latency any more" })
        : say(state, "inconclusive", { reason: "nothing about requests or latency" });
    return judgeWatch(state, batch.ts, settings);
  },
};

function release(
  state: RolloutState,
  deployment: string,
  ts: Instant,
  arrival: "release" | "return",
  settings: RolloutSettings,
): Judged {
  const { watch } = state;
  const fresh = {
    ...state,
    known: note(state.known, deployment),
    seen: afterRelease(state.seen, ts + settings.warmMs),
  };
  // A regression stays open over the next deployment, also a rollback, until what follows is good.
  if (watch?.verdict === "open")
    return say({ ...fresh, watch: { ...watch, calmSince: null } }, "inconclusive", {
      reason: arrival === "return" ? "rolled back: not yet known to be good" : "released again",
    });
  if (arrival === "return") {
    const ended = watch === null ? null : { ...watch, deployment, from: ts };
    const reason = "an earlier deployment is live again: not a release";
    return say(
      {
        ...fresh,
        watch: ended === null ? null : { ...ended, verdict: "inconclusive" as const, reason },
      },
      "inconclusive",
      { reason },
    );
  }
  const next: Watch = {
    deployment,
    from: ts,
    tracks: beforeOf(state, ts, settings),
    verdict: "watching",
    reason: null,
    onset: null,
    calmSince: null,
  };
  return say({ ...fresh, watch: next }, "inconclusive", { reason: "just released" });
}

/** A release that is not judged yet is no past to compare with: then the past before it stays the measure. */
function beforeOf(
  { watch, seen }: RolloutState,
  ts: Instant,
  settings: RolloutSettings,
): readonly Track[] {
  if (watch?.verdict === "watching" && watch.tracks.length > 0) return watch.tracks;
  const fresh = tracksOf(seen, ts, settings);
  return fresh.length > 0 ? fresh : (watch?.tracks ?? []);
}
