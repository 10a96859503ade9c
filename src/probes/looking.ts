import { problem, type Problem } from "../domain/problem.ts";
import type { Observation, Values } from "../domain/observation.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { Probe } from "../ports/probe.ts";

/** What one look found of `up`, and what else it measured on the way. `null` cannot say. */
export type Finding =
  | { readonly value: 1; readonly processStart?: Instant; readonly more?: Values }
  | { readonly value: 0 | null; readonly problem: Problem; readonly more?: Values };

export interface Looking {
  readonly target: string;
  readonly name: string;
  readonly kind: string;
  readonly timeoutMs: Millis;
  readonly now: () => Instant;
  /** Must end soon after the signal; what it throws is a finding too. */
  find(signal: AbortSignal): Promise<Finding>;
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
      const { value, more, ...rest } = await findWithin(signal);
      const tookMs = Math.round(performance.now() - begun);
      return [{ target, probe: name, ts: now(), tookMs, values: { up: value, ...more }, ...rest }];
    },
  };

  function findWithin(signal: AbortSignal): Promise<Finding> {
    return within<Finding>(signal, timeoutMs, {
      find: (either) => options.find(either),
      ended: ENDED,
      late: { value: 0, problem: timeout(timeoutMs) },
      failed: (problem) => ({ value: null, problem }),
    });
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

/** Text of strangers on one line: no control characters, bounded. */
export function short(text: string, lengthMax = 80): string {
  // oxlint-disable-next-line no-control-regex -- removing them is the purpose
  const line = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").trim();
  return line.length <= lengthMax ? line : `${line.slice(0, lengthMax - 1)}…`;
}
