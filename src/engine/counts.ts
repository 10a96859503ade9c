import { type Hint, hearsayProbe } from "../domain/hint.ts";
import type { Observation } from "../domain/observation.ts";
import { HOUR_MS, SECOND_MS, type Instant, type Millis } from "../domain/time.ts";

type Count = NonNullable<Hint["count"]>;

/** Adds up what others count, and tells it like a look: how many came in since the last time. */
export interface Counts {
  add(source: string, target: string, count: Count, at: Instant): void;
  /** What is to be told now. */
  take(now: Instant): readonly Observation[];
  /** When there is something to tell again. */
  due(): Instant;
}

interface Tally {
  readonly source: string;
  readonly target: string;
  readonly sums: Map<Count["signal"], { sum: number; heardAt: Instant }>;
  toldAt: Instant;
}

/** The pace of a usual probe. The first count after a silence is told at once. */
const TELL_EVERY_MS: Millis = 10 * SECOND_MS;
/** So long after the last count the zeros are told too, so that it is seen how it ends. After that silence is nothing. */
const ECHO_MS: Millis = HOUR_MS;

export function createCounts(): Counts {
  const tallies = new Map<string, Tally>();
  return {
    add: (source, target, { signal, value }, at) => {
      const key = `${source}|${target}`;
      const tally = tallies.get(key) ?? { source, target, sums: new Map(), toldAt: -Infinity };
      tallies.set(key, tally);
      const sum = (tally.sums.get(signal)?.sum ?? 0) + value;
      tally.sums.set(signal, { sum, heardAt: at });
    },
    take: (now) =>
      [...tallies.values()].flatMap((tally) => {
        for (const [signal, { sum, heardAt }] of tally.sums)
          if (sum === 0 && now - heardAt > ECHO_MS) tally.sums.delete(signal);
        if (tally.sums.size === 0 || now < tally.toldAt + TELL_EVERY_MS) return [];
        tally.toldAt = now;
        return [observationOf(tally, now)];
      }),
    due: () =>
      Math.min(
        ...[...tallies.values()]
          .filter(({ sums }) => sums.size > 0)
          .map(({ toldAt }) => toldAt + TELL_EVERY_MS),
      ),
  };
}

/** Tells the sums and begins anew. */
function observationOf({ source, target, sums }: Tally, ts: Instant): Observation {
  const values: Record<string, number> = {};
  for (const [signal, { sum, heardAt }] of sums) {
    values[signal] = sum;
    sums.set(signal, { sum: 0, heardAt });
  }
  return { target, probe: hearsayProbe(source), ts, tookMs: 0, values };
}
