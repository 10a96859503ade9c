import type { Instant } from "../../domain/time.ts";
import { wilson } from "../../statistics/binomial.ts";
import { shareEvidence, type Counts } from "../../statistics/sequential.ts";
import { sumOf } from "../burstiness.ts";
import type { Seen } from "./seen.ts";
import type { RolloutSettings } from "./settings.ts";
import { p95Of, windowsOf, type Track } from "./track.ts";
import { shareOf, type Window } from "./windows.ts";

/** One share after a release against the same before it. */
export interface Weighed {
  readonly track: Track;
  readonly after: Counts;
  readonly logEvidence: number;
  readonly threshold: number;
  readonly p95Ms: number | null;
  /** Worse, beyond chance, beyond the demanded rise, for long enough and still so. */
  readonly isWorse: boolean;
  /** Surely not risen by more than what is tolerated. */
  readonly isFine: boolean;
  /** Of the last windows: worse, good, or too little to say. */
  readonly now: "bad" | "good" | "unknown";
  /** Start of the first window that was worse. */
  readonly onset: Instant | null;
}

/** Weighs everything seen since a release; may be called after every batch (the test is anytime-valid). */
export function weigh(track: Track, seen: Seen, settings: RolloutSettings): Weighed {
  const windows = windowsOf(track, seen);
  const after = sumOf(windows);
  const { strength, atLeast, ratio, tolerated } = settings[track.kind];
  const { nullShare, dispersion } = track;
  const threshold = Math.log(2 / settings.alpha);
  // Below the null share there is no evidence to be had, so the sum is spared.
  const logEvidence =
    shareOf(after) <= nullShare
      ? 0
      : shareEvidence(after, nullShare, { alternative: "greater", strength, dispersion });
  const p95Ms = track.kind === "slow" ? p95Of(seen) : null;
  const now = nowOf(windows, track);
  const isWorse =
    logEvidence >= threshold &&
    after.failed >= atLeast &&
    now === "bad" &&
    isSustained(windows, nullShare, settings) &&
    isLarge(track, p95Ms, settings);
  const bound = wilson(after.failed / dispersion, after.total / dispersion, 0.95);
  // Not the null share: that is large when little was seen before, and would prove nothing.
  const share = shareOf(track.before);
  const most = Math.max(share * ratio, share + tolerated);
  const isFine = bound !== null && bound.upper <= most;
  return {
    track,
    after,
    logEvidence,
    threshold,
    p95Ms,
    isWorse,
    isFine,
    now,
    onset: windows.find((window) => shareOf(window) > nullShare)?.start ?? null,
  };
}

function nowOf(windows: readonly Window[], { kind, nullShare }: Track): Weighed["now"] {
  const fewest = kind === "level" ? RECENT : FEWEST_REQUESTS;
  // With little traffic "now" reaches further back.
  for (let length = RECENT; length <= windows.length; length += 1) {
    const last = sumOf(windows.slice(-length));
    if (last.total >= fewest) return shareOf(last) > nullShare ? "bad" : "good";
  }
  return "unknown";
}

/** Nearly all of the last windows, over a time longer than a burst lasts. */
function isSustained(
  windows: readonly Window[],
  nullShare: number,
  { sustainedMs, sustainedShare }: RolloutSettings,
): boolean {
  const until = windows.at(-1)?.start ?? 0;
  const first = windows.findLastIndex(({ start }) => until - start >= sustainedMs);
  if (first < 0) return false;
  const last = windows.slice(first);
  const bad = last.filter((window) => shareOf(window) > nullShare).length;
  return bad >= last.length * sustainedShare;
}

/** More requests over a bound is only worth waking somebody when they also take much longer. */
function isLarge(track: Track, p95Ms: number | null, settings: RolloutSettings): boolean {
  // A p95 beyond the last bound may be any larger value.
  if (track.kind !== "slow" || track.p95Ms === null || p95Ms === null) return true;
  return p95Ms >= Math.max(track.p95Ms * settings.p95Ratio, track.p95Ms + settings.p95RiseMs);
}

const RECENT = 3;
/** Fewer tell nothing of now. */
export const FEWEST_REQUESTS = 20;
