import type { Instant } from "../../domain/time.ts";
import type { Judgement } from "../batch.ts";
import { round } from "../round.ts";
import type { RolloutState, Watch } from "./index.ts";
import type { RolloutSettings } from "./settings.ts";
import { FEWEST_REQUESTS, weigh, type Weighed } from "./weigh.ts";
import { shareOf } from "./windows.ts";

export type Judged = { readonly state: RolloutState; readonly judgement: Judgement };

/** Judges the release under watch, if there is one, by everything seen since. */
export function judgeWatch(state: RolloutState, ts: Instant, settings: RolloutSettings): Judged {
  const { watch } = state;
  if (watch === null) return say(state, "inconclusive", { reason: "no release seen" });
  if (watch.verdict === "healthy" || watch.verdict === "inconclusive")
    return say(state, watch.verdict, { reason: watch.reason });
  if (watch.tracks.length === 0) {
    const reason = "too little seen before the release";
    return ts < watch.from + settings.watchMs
      ? say(state, "inconclusive", { reason })
      : end(state, watch, "inconclusive", { reason });
  }
  const weighed = watch.tracks.map((track) => weigh(track, state.seen, settings));
  return watch.verdict === "open"
    ? judgeOpen(state, watch, weighed, ts, settings)
    : judgeWatching(state, watch, weighed, ts, settings);
}

function judgeWatching(
  state: RolloutState,
  watch: Watch,
  weighed: readonly Weighed[],
  ts: Instant,
  settings: RolloutSettings,
): Judged {
  const sick = weighed.find(({ track }) => !track.wasHealthy);
  const worse = weighed.find(({ track, isWorse }) => isWorse && track.wasHealthy);
  const shown = worse ?? sick ?? largest(weighed);
  const numbers = shown === undefined ? {} : numbersOf(shown);
  if (worse !== undefined) {
    // The one that regressed is what must become good again.
    const open = { ...watch, tracks: [worse.track], verdict: "open" as const, onset: worse.onset };
    return say({ ...state, watch: open }, "breached", numbers);
  }
  const age = ts - watch.from;
  const isFine = sick === undefined && weighed.every((one) => one.isFine);
  const reason =
    sick !== undefined
      ? "it was not healthy before the release"
      : isFine
        ? "no rise beyond what is tolerated"
        : "a rise is neither shown nor excluded yet";
  const verdict = isFine && age >= settings.healthyAfterMs ? "healthy" : "inconclusive";
  if (age >= settings.watchMs) return end(state, watch, verdict, { ...numbers, reason });
  const isFailing = weighed.some((one) => one.track.wasHealthy && one.logEvidence > 0);
  return say(state, verdict, { ...numbers, reason }, isFailing && verdict !== "healthy");
}

function judgeOpen(
  state: RolloutState,
  watch: Watch,
  weighed: readonly Weighed[],
  ts: Instant,
  settings: RolloutSettings,
): Judged {
  const [one] = weighed;
  if (one === undefined) return end(state, watch, "inconclusive", {});
  const numbers = numbersOf(one);
  if (one.now === "bad")
    return say({ ...state, watch: { ...watch, calmSince: null } }, "breached", numbers);
  if (one.now === "unknown") {
    const { state: same, judgement } = say(state, "inconclusive", {
      ...numbers,
      reason: "too little seen since",
    });
    const isQuiet = isQuietSince(one, state.seen.errors[0]?.start ?? ts, ts, settings);
    const needs = isQuiet ? { needsRequests: FEWEST_REQUESTS } : {};
    return { state: same, judgement: { ...judgement, ...needs } };
  }
  const calmSince = watch.calmSince ?? ts;
  if (ts - calmSince >= settings.closeAfterMs)
    return end(state, { ...watch, onset: null }, "healthy", {
      ...numbers,
      reason: "good again for long enough",
    });
  return say({ ...state, watch: { ...watch, calmSince } }, "inconclusive", {
    ...numbers,
    reason: "good again, but not for long enough",
  });
}

/** Few requests came for long enough, and they do not speak against health. Of latency nothing can be said without them. */
function isQuietSince(
  { track, after }: Weighed,
  since: Instant,
  ts: Instant,
  { closeAfterMs }: RolloutSettings,
): boolean {
  return track.kind === "errors" && shareOf(after) <= track.nullShare && ts - since >= closeAfterMs;
}

function end(
  state: RolloutState,
  watch: Watch,
  verdict: "healthy" | "inconclusive",
  numbers: Judgement["evidence"],
): Judged {
  const reason = typeof numbers["reason"] === "string" ? numbers["reason"] : null;
  return say({ ...state, watch: { ...watch, verdict, reason, calmSince: null } }, verdict, numbers);
}

/** A judgement with what is the same in every one of them. */
export function say(
  state: RolloutState,
  verdict: Judgement["state"],
  numbers: Judgement["evidence"],
  failing = false,
): Judged {
  const { watch } = state;
  const onset = watch?.verdict === "open" ? watch.onset : null;
  return {
    state,
    judgement: {
      state: verdict,
      onset,
      failing,
      evidence: {
        ...numbers,
        deployment: watch?.deployment ?? null,
        releasedAt: watch?.from ?? null,
        onset: onset === null ? null : "start of the first window worse than before the release",
      },
    },
  };
}

function largest(weighed: readonly Weighed[]): Weighed | undefined {
  return weighed.toSorted((a, b) => b.logEvidence - a.logEvidence)[0];
}

function numbersOf({
  track,
  after,
  logEvidence,
  threshold,
  p95Ms,
}: Weighed): Judgement["evidence"] {
  return {
    share: SHARE_WORDS[track.kind],
    overMs: track.overMs === null ? null : round(track.overMs, 4),
    beforeBad: track.before.failed,
    beforeAll: track.before.total,
    dispersion: round(track.dispersion, 4),
    afterBad: after.failed,
    afterAll: after.total,
    afterShare: round(shareOf(after), 4),
    largestShare: round(track.nullShare, 4),
    logEvidence: round(logEvidence, 4),
    threshold: round(threshold, 4),
    p95BeforeMs: track.p95Ms === null ? null : round(track.p95Ms, 4),
    p95AfterMs: p95Ms === null ? null : round(p95Ms, 4),
  };
}

const SHARE_WORDS = {
  errors: "failed requests",
  slow: "requests over a bound",
  level: "short windows with a level far over the usual",
} as const;
