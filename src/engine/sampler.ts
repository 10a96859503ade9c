import { samplesOf, type Observation } from "../domain/observation.ts";
import { problem } from "../domain/problem.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { Clock } from "../ports/clock.ts";
import type { Probe } from "../ports/probe.ts";
import type { SampleStore } from "../ports/store.ts";
import type { Board, Rhythm } from "./board.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Haste } from "./haste.ts";

export interface SamplerParts {
  readonly probes: readonly { readonly probe: Probe; readonly rhythm: Rhythm }[];
  readonly board: Board;
  readonly dispatcher: Dispatcher;
  readonly samples: SampleStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly haste: Haste;
  readonly onObservation: (observation: Observation) => void;
  readonly onError: (error: unknown) => void;
}

/** A probe has deadlines of its own; this one only catches a probe that broke its promise. */
const LOOK_MS_MAX = 60_000;

/** However often it is hurried, so much lies between the beginnings of two looks of a probe. */
const HURRIED_MS_MIN: Millis = 1_000;

/** Looks at every target in its rhythm, each probe in a loop of its own, until the signal. */
export async function runSampler(parts: SamplerParts): Promise<void> {
  await Promise.all(parts.probes.map(({ probe, rhythm }) => watch(parts, probe, rhythm)));
}

async function watch(parts: SamplerParts, probe: Probe, rhythm: Rhythm): Promise<void> {
  const { clock, signal, haste } = parts;
  while (!signal.aborted) {
    const begun = clock.now();
    const { target } = probe;
    const times = haste.times(target);
    let isFailing = false;
    try {
      const seen = await look(probe, parts);
      if (signal.aborted) return;
      const verdicts = await absorb(parts, seen);
      isFailing = verdicts.some((verdict) => wantsNearerLook(verdict, probe));
    } catch (error) {
      if (signal.aborted) return;
      parts.onError(error);
    }
    const waitMs = isFailing ? rhythm.retryEveryMs : rhythm.everyMs;
    const due = nextLook(begun, waitMs, clock.now());
    // What is looked at more often already is not hurried: so many failures in a row must take their time.
    const soonest = isFailing ? due : begun + HURRIED_MS_MIN;
    await haste.sleep({ target, times, soonest, due }, signal);
  }
}

/**
 * A look is known when it is judged, all of it in one moment that is no other look's: the order of the recorded samples is then
 * the order in which they were judged. A clock that was set back further than this is believed.
 */
export function inOneMoment(
  seen: readonly Observation[],
  now: Instant,
  last: Instant = -Infinity,
): readonly Observation[] {
  const ts = now > last || last - now > SET_BACK_MS ? now : last + 1;
  return seen.map((observation) => ({ ...observation, ts }));
}

const SET_BACK_MS: Millis = 1_000;

/** Takes in what was learnt: judged, decided on, recorded. Returns the verdicts. */
export async function absorb(
  parts: Pick<
    SamplerParts,
    "board" | "dispatcher" | "samples" | "onObservation" | "clock" | "signal"
  >,
  looked: readonly Observation[],
): Promise<readonly Verdict[]> {
  const { board, dispatcher, clock } = parts;
  let seen = looked;
  for (const observation of seen) parts.onObservation(observation);
  const verdicts = await dispatcher.judge(() => {
    seen = inOneMoment(seen, clock.now(), board.facts().lookedAt);
    return board.judge(seen);
  });
  await parts.samples.append(seen.flatMap(samplesOf), parts.signal);
  return verdicts;
}

/** Only whether it answers is found out sooner by looking more often; rates need their time. */
function wantsNearerLook({ signal, failing, state, before }: Verdict, probe: Probe): boolean {
  if (signal.name !== "up" || signal.probe !== probe.name || signal.target !== probe.target)
    return false;
  return failing || state === "breached" || before === "breached";
}

/** Never further away than one wait, also when the clock was set back during the look. */
function nextLook(begun: Instant, waitMs: Millis, now: Instant): Instant {
  return Math.max(now, Math.min(begun, now) + waitMs);
}

/** One look that surely ends: what a broken probe throws or leaves hanging is a look that could not say. */
async function look(probe: Probe, parts: SamplerParts): Promise<readonly Observation[]> {
  const { clock } = parts;
  const begun = clock.now();
  const signal = AbortSignal.any([parts.signal, AbortSignal.timeout(LOOK_MS_MAX)]);
  try {
    return await probe.look(signal);
  } catch (error) {
    parts.onError(error);
    return [
      {
        target: probe.target,
        probe: probe.name,
        ts: clock.now(),
        tookMs: clock.now() - begun,
        values: { up: null },
        problem: problem("probe-failed", error instanceof Error ? error.message : String(error)),
      },
    ];
  }
}
