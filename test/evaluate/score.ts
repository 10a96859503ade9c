import type { Millis } from "../../src/domain/time.ts";
import { median } from "../../src/statistics/quantile.ts";
import type { Opening } from "./play.ts";
import type { Story } from "./story.ts";

/** How the detectors did in one or several stories. */
export interface Score {
  readonly faults: number;
  readonly found: number;
  /** Openings that no fault explains, or the second one of the same kind in one fault. */
  readonly falseOnes: readonly string[];
  readonly delays: readonly Millis[];
  readonly days: number;
}

/**
 * A fault is found by the first incident of its kinds that opens in it (or one look later). What opens of other kinds in a
 * fault or a little after it is explained by it; one that was open before it swallows it.
 */
export function score(
  openings: readonly Opening[],
  { faults, from, until }: Story,
  everyMs: Millis,
): Score {
  const delays: Millis[] = [];
  const explained = new Set<string>();
  for (const fault of faults) {
    const inside = openings.filter(
      ({ ts }) => ts > fault.from && ts <= fault.until + AFTER * everyMs,
    );
    const firsts = new Map(inside.toReversed().map((opening) => [opening.kind, opening]));
    for (const { id, kind } of inside)
      if (!fault.opens.includes(kind) || firsts.get(kind)?.id === id) explained.add(id);
    const hits = [...firsts.values()].filter(({ kind }) => fault.opens.includes(kind));
    if (hits.length > 0) delays.push(Math.min(...hits.map(({ ts }) => ts)) - fault.from);
  }
  const falseOnes = openings.filter(({ id }) => !explained.has(id));
  return {
    faults: faults.length,
    found: delays.length,
    falseOnes: falseOnes.map(({ kind }) => kind),
    delays,
    days: Number(((until - from) / DAY_MS).toFixed(3)),
  };
}

/** Several scores as one. */
export function total(scores: readonly Score[]): Score {
  const sum = (of: (score: Score) => number): number =>
    scores.reduce((all, score) => all + of(score), 0);
  return {
    faults: sum(({ faults }) => faults),
    found: sum(({ found }) => found),
    falseOnes: scores.flatMap(({ falseOnes }) => falseOnes),
    delays: scores.flatMap(({ delays }) => delays),
    days: sum(({ days }) => days),
  };
}

export function medianDelay({ delays }: Score): Millis | null {
  return median(delays);
}

export function worstDelay({ delays }: Score): Millis | null {
  return delays.length === 0 ? null : Math.max(...delays);
}

const DAY_MS = 86_400_000;
const AFTER = 1;
