import { HOUR_MS, type Instant, type Millis } from "../../domain/time.ts";
import type { Batch } from "../batch.ts";
import { mulberry32, normal } from "../testing.ts";

/** How the memory of a test behaves, in MB; everything is drawn from the seed. */
export interface Memory {
  readonly seed: number;
  readonly forMs: Millis;
  readonly everyMs: Millis;
  /** `null`: no limit is told. */
  readonly limit: number | null;
  /** Memory that stays after collections, without noise. */
  readonly level: (ts: Instant) => number;
  /** Garbage on top of it: rises from nothing to `height` and falls at once. */
  readonly garbage?: { readonly everyMs: Millis; readonly height: number };
  readonly noise?: number;
  readonly releases?: readonly Instant[];
}

/** Seeded batches of memory in use. */
export function memory(given: Memory): Batch[] {
  const random = mulberry32(given.seed);
  const phase = random();
  const releases = [...(given.releases ?? [])];
  const batches: Batch[] = [];
  for (let ts = 0; ts < given.forMs; ts += given.everyMs) {
    const { everyMs, height } = given.garbage ?? { everyMs: 1, height: 0 };
    const garbage = height * ((ts / everyMs + phase) % 1);
    const used = given.level(ts) + garbage + Math.abs(normal(random, 0, given.noise ?? 3));
    const isReleased = releases[0] !== undefined && releases[0] <= ts;
    if (isReleased) releases.shift();
    batches.push({
      ts,
      values: {
        memory_used: Math.round(Math.max(1, used) * 100) / 100,
        ...(given.limit === null ? {} : { memory_limit: given.limit }),
      },
      ...(isReleased ? { deployment: `v${ts}` } : {}),
    });
  }
  return batches;
}

/** Memory that follows the traffic of the day: `low` at 03:00 UTC, `high` at 15:00. */
export function day(low: number, high: number): (ts: Instant) => number {
  return (ts) =>
    low + ((high - low) * (1 + Math.cos((2 * Math.PI * (ts - 15 * HOUR_MS)) / (24 * HOUR_MS)))) / 2;
}
