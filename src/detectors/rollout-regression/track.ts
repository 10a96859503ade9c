import type { Instant } from "../../domain/time.ts";
import { bucketQuantile } from "../../statistics/histogram.ts";
import { medianAndMad } from "../../statistics/median-mad.ts";
import { risenShare, type Counts, type RiseOptions } from "../../statistics/sequential.ts";
import { burstiness, sumOf } from "../burstiness.ts";
import { bucketsOf, type Counted, type Level, type Seen } from "./seen.ts";
import type { RolloutSettings } from "./settings.ts";
import { shareOf, type Window } from "./windows.ts";

/** One share as it was before a release, and the largest share after it that would still be no regression. */
export interface Track {
  readonly kind: "errors" | "slow" | "level";
  /** For "slow" the bound, for "level" the threshold, in ms. */
  readonly overMs: number | null;
  readonly before: Counts;
  readonly dispersion: number;
  readonly nullShare: number;
  readonly wasHealthy: boolean;
  /** For "slow": the p95 before the release, in ms. */
  readonly p95Ms: number | null;
}

/** Freezes what was seen up to a release: errors if there are enough, latency from buckets or else from levels. */
export function tracksOf(seen: Seen, ts: Instant, settings: RolloutSettings): readonly Track[] {
  const errors = makeTrack("errors", null, seen.errors, ts, settings);
  const slow = slowTracks(seen, ts, settings);
  const latency = slow.length > 0 ? slow : levelTracks(seen, ts, settings);
  return [...(errors === null ? [] : [errors]), ...latency];
}

/** What was seen, as windows of this track's share. */
export function windowsOf(track: Pick<Track, "kind" | "overMs">, seen: Seen): readonly Window[] {
  const overMs = track.overMs ?? 0;
  if (track.kind === "errors") return seen.errors;
  if (track.kind === "level") return seen.levels.map((level) => overLevel(level, overMs));
  const place = seen.last?.bounds.indexOf(overMs) ?? -1;
  return place < 0 ? [] : seen.histograms.map((counted) => overBound(counted, place));
}

/** The p95 of everything counted; `null` without buckets, or when it lies beyond the last bound. */
export function p95Of(seen: Seen): number | null {
  const bounds = seen.last?.bounds ?? [];
  const counts = seen.histograms.reduce<readonly number[]>(
    (sum, counted) => counted.counts.map((count, index) => count + (sum[index] ?? 0)),
    [],
  );
  if (counts.length !== bounds.length + 1) return null;
  const p95 = bucketQuantile(bucketsOf({ bounds, counts }), 0.95);
  return p95 === null || p95.capped ? null : p95.value;
}

/** A count over a bound next to the p95 needs no interpolation: the last bound below it and the first not below. */
function slowTracks(seen: Seen, ts: Instant, settings: RolloutSettings): readonly Track[] {
  const bounds = seen.last?.bounds ?? [];
  const p95 = p95Of(seen);
  if (p95 === null) return [];
  const next = bounds.findIndex((bound) => bound >= p95);
  return [bounds[next - 1], bounds[next]].flatMap((bound) => {
    if (bound === undefined) return [];
    const windows = windowsOf({ kind: "slow", overMs: bound }, seen);
    const track = makeTrack("slow", bound, windows, ts, settings);
    return track === null ? [] : [{ ...track, p95Ms: p95 }];
  });
}

function levelTracks(seen: Seen, ts: Instant, settings: RolloutSettings): readonly Track[] {
  const usual = medianAndMad(seen.levels.map(({ ms }) => Math.log(Math.max(ms, 1))));
  if (usual === null) return [];
  const ms = Math.exp(usual.median);
  const factor = Math.max(1.4, Math.exp(1.5 * usual.sigma));
  const overMs = Math.max(ms * factor, ms + settings.p95RiseMs);
  const windows = seen.levels.map((level) => overLevel(level, overMs));
  const track = makeTrack("level", overMs, windows, ts, settings);
  return track === null ? [] : [{ ...track, p95Ms: ms }];
}

function makeTrack(
  kind: Track["kind"],
  overMs: number | null,
  windows: readonly Window[],
  ts: Instant,
  settings: RolloutSettings,
): Track | null {
  const before = sumOf(windows);
  const span = ts - (windows[0]?.start ?? ts);
  const fewest = kind === "level" ? FEWEST_LEVELS : settings.beforeRequests;
  if (span < settings.beforeMs || before.total < fewest) return null;
  const dispersion = burstiness(windows);
  const { ratio, rise, strength } = settings[kind];
  const rule = { alpha: settings.alpha, dispersion, ratio, rise, strength };
  const limit = risenShare(before, { failed: 0, total: 0 }, rule);
  if (limit === null) return null;
  const isSick = settings.healthyBeforeMs.some((length) =>
    hadRisen(windows, ts - length, kind, rule),
  );
  const wasHealthy = !isSick && (kind !== "errors" || shareOf(before) < settings.sickShare);
  return { kind, overMs, before, dispersion, nullShare: limit.nullShare, wasHealthy, p95Ms: null };
}

/** Whether a share was higher since a moment than before it: then a fault was under way, and the release is not its cause. */
function hadRisen(
  windows: readonly Window[],
  since: Instant,
  kind: Track["kind"],
  rule: RiseOptions,
): boolean {
  const early = windows.filter(({ start }) => start < since);
  const late = sumOf(windows.slice(early.length));
  if (kind === "errors" && late.failed < 3) return false;
  // The late ones must not excuse themselves by their own burstiness; and a probable rise is enough for distrust.
  const distrust = { ...rule, alpha: 0.02, dispersion: burstiness(early) };
  return risenShare(sumOf(early), late, distrust)?.risen ?? false;
}

function overLevel({ start, ms }: Level, overMs: number): Window {
  return { start, failed: ms > overMs ? 1 : 0, total: 1 };
}

function overBound({ start, counts }: Counted, place: number): Window {
  const total = counts.at(-1) ?? 0;
  // Buckets of one scrape may be read at slightly different moments.
  return { start, failed: Math.max(0, total - (counts[place] ?? total)), total };
}

const FEWEST_LEVELS = 8;
