import { problem, type Problem } from "../domain/problem.ts";
import type { Observation, Values } from "../domain/observation.ts";
import { DETAIL_LENGTH_MAX, DETAILS_MAX, type Details } from "../domain/sample.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { Probe } from "../ports/probe.ts";

/** What one look found of `up`, and what else it measured on the way. `null` cannot say. */
export type Finding =
  | ({ readonly value: 1; readonly processStart?: Instant } & More)
  | ({ readonly value: 0 | null; readonly problem: Problem } & More);

interface More {
  readonly more?: Values;
  readonly details?: Details;
}

export interface Looking {
  readonly target: string;
  readonly name: string;
  readonly kind: string;
  readonly timeoutMs: Millis;
  readonly now: () => Instant;
  /**
   * Must end soon after the signal; what it throws is a finding too. `soFar` takes what is already known: it counts when
   * the deadline comes before the rest does.
   */
  find(signal: AbortSignal, soFar: (finding: Finding) => void): Promise<Finding>;
  close(): Promise<void>;
}

/**
 * A probe around one way of finding out: one deadline over everything, a caller who may end it, an observation
 * in every case. A look that overstays its deadline is `timeout` (0); one that was ended from outside cannot say.
 */
export function looking(options: Looking): Probe {
  const { target, name, kind, timeoutMs, now } = options;
  return {
    target,
    name,
    kind,
    close: () => options.close(),
    async look(signal): Promise<readonly [Observation]> {
      const begun = performance.now();
      const { value, more, details, ...rest } = await findWithin(signal);
      const tookMs = Math.round(performance.now() - begun);
      const beside = details === undefined ? {} : { details: bounded(details) };
      const values = { up: value, ...more };
      return [{ target, probe: name, ts: now(), tookMs, values, ...beside, ...rest }];
    },
  };

  async function findWithin(signal: AbortSignal): Promise<Finding> {
    let known: Finding = { value: 0, problem: timeout(timeoutMs) };
    const found = await within<Finding | null>(signal, timeoutMs, {
      find: (either) =>
        options.find(either, (finding) => {
          known = finding;
        }),
      ended: ENDED,
      late: null,
      failed: (problem) => ({ value: null, problem }),
    });
    return found ?? known;
  }
}

export interface Bounds<Found> {
  /** Must end soon after the signal; what it throws is a finding too. */
  find(signal: AbortSignal): Promise<Found>;
  /** When it was ended from outside. */
  readonly ended: Found;
  /** When it overstayed its deadline. */
  readonly late: Found;
  failed(problem: Problem): Found;
}

/** One way of finding out under one deadline and a caller who may end it: a finding in every case. */
export async function within<Found>(
  signal: AbortSignal,
  timeoutMs: Millis,
  bounds: Bounds<Found>,
): Promise<Found> {
  if (signal.aborted) return bounds.ended;
  const deadline = new AbortController();
  const late = setTimeout(() => deadline.abort(), timeoutMs);
  const either = AbortSignal.any([signal, deadline.signal]);
  const find = async (): Promise<{ readonly found: Found }> => {
    try {
      return { found: await bounds.find(either) };
    } catch (error) {
      return { found: bounds.failed(byError(error)) };
    }
  };
  try {
    const first = await Promise.race([find(), ended(either)]);
    if (first !== null && !either.aborted) return first.found;
    return signal.aborted ? bounds.ended : bounds.late;
  } finally {
    clearTimeout(late);
    // Whatever is still open after a finding ends with the look.
    deadline.abort();
  }
}

export const UNFINISHED = problem("probe-failed", "the look was ended before it knew");
const ENDED: Finding = { value: null, problem: UNFINISHED };

export function timeout(timeoutMs: Millis): Problem {
  return problem("timeout", `no answer within ${timeoutMs} ms`);
}

/** The last resort: an error nobody has classified proves nothing about the target. */
function byError(error: unknown): Problem {
  const detail = error instanceof Error ? error.message : String(error);
  return problem("probe-failed", short(detail, 200));
}

function ended(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}

/** Details stand in the journal with every verdict that is written down. */
function bounded(details: Details): Details {
  const kept = Object.entries(details).slice(0, DETAILS_MAX);
  return Object.fromEntries(
    kept.map(([name, value]) => [
      name,
      typeof value === "string" ? short(value, DETAIL_LENGTH_MAX) : value,
    ]),
  );
}

/** Text of strangers on one line: no control characters, bounded. */
export function short(text: string, lengthMax = 80): string {
  // oxlint-disable-next-line no-control-regex -- removing them is the purpose
  const line = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").trim();
  return line.length <= lengthMax ? line : `${line.slice(0, lengthMax - 1)}…`;
}
