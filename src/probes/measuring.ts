import type { NumericSignal, Observation, Values } from "../domain/observation.ts";
import { problem, type Problem } from "../domain/problem.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { Probe } from "../ports/probe.ts";
import { timeout, UNFINISHED, within } from "./looking.ts";

/** What one look measured. A value that could not be had is `null`, with the problem. */
export type Measured = Omit<Observation, "target" | "probe" | "ts" | "tookMs">;

export interface Measuring {
  readonly target: string;
  readonly name: string;
  readonly kind: string;
  readonly timeoutMs: Millis;
  readonly now: () => Instant;
  /** What it measures at all: all of them are `null` when a look fails. */
  readonly signals: Iterable<NumericSignal>;
  /** Must end soon after the signal, and change nothing it keeps once the signal came. */
  find(signal: AbortSignal): Promise<Measured>;
  /** For those that keep something open between two looks. */
  close?(): Promise<void>;
}

/**
 * A probe that measures and never says `up`. It keeps what it read last, so one look must be over before the next one may
 * begin.
 */
export function measuring(options: Measuring): Probe {
  const { target, name, kind, timeoutMs, now, signals } = options;
  let isBusy = false;

  async function find(signal: AbortSignal): Promise<Measured> {
    if (isBusy) return nothing(signals, BUSY);
    isBusy = true;
    try {
      return await options.find(signal);
    } finally {
      isBusy = false;
    }
  }

  return {
    target,
    name,
    kind,
    close: async () => options.close?.(),
    async look(signal): Promise<readonly [Observation]> {
      const begun = performance.now();
      const measured = await within<Measured>(signal, timeoutMs, {
        find,
        ended: nothing(signals, UNFINISHED),
        late: nothing(signals, timeout(timeoutMs)),
        failed: (why) => nothing(signals, why),
      });
      const tookMs = Math.round(performance.now() - begun);
      return [{ target, probe: name, ts: now(), tookMs, ...measured }];
    },
  };
}

/** Looked and got nothing: never zero. */
export function nothing(signals: Iterable<NumericSignal>, why: Problem): Measured {
  const values: Values = Object.fromEntries(Array.from(signals, (signal) => [signal, null]));
  return { values, problem: why };
}

const BUSY = problem("probe-failed", "the look before this one is not over yet");
