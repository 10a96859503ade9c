import type { DatabaseSync } from "node:sqlite";

import type { Sample } from "../../domain/sample.ts";
import { HOUR_MS, MINUTE_MS, type Instant, type Millis } from "../../domain/time.ts";
import { thin, type Deployments } from "../thinning.ts";
import { outside, type Window } from "../windows.ts";
import { pagesOf, type SampleRows, type SampleWriter } from "./sample-rows.ts";

/** From which age on one sample in so much time is enough. */
export interface Age {
  readonly afterMs: Millis;
  /** A divisor of the stretch. */
  readonly widthMs: Millis;
}

const DAY_MS = 24 * HOUR_MS;

/** Each look for a week, a minute's for a month, then five minutes' until the cap. In rising order. */
export const AGES: readonly Age[] = [
  { afterMs: 7 * DAY_MS, widthMs: MINUTE_MS },
  { afterMs: 30 * DAY_MS, widthMs: 5 * MINUTE_MS },
];

/** So much time is thinned in one transaction: a few thousand rows. */
export const STRETCH_MS: Millis = 10 * MINUTE_MS;
/** Most stretches in one call, so that catching up after a long pause does not stop everything else. */
const STRETCHES_MAX = 4;

export interface AgeingParts {
  readonly db: DatabaseSync;
  readonly rows: SampleRows;
  readonly writer: SampleWriter;
  readonly ages: readonly Age[];
  readonly stretchMs: Millis;
}

/** Thins what has grown old by `newest`, outside the windows; a bounded piece in each call. SQLite's errors are thrown. */
export function createAgeing({
  db,
  rows,
  writer,
  ages,
  stretchMs,
}: AgeingParts): (newest: Instant, windows: () => readonly Window[]) => void {
  const next = db.prepare("SELECT min(ts) AS ts FROM samples WHERE ts >= ?");
  const drop = db.prepare("DELETE FROM samples WHERE ts BETWEEN ? AND ?");
  const write = db.prepare("INSERT OR REPLACE INTO aged VALUES (?, ?)");
  const stored = db.prepare("SELECT until FROM aged WHERE width = ?");
  const levels = ages.map((age) => ({
    ...age,
    until: Number(stored.get(age.widthMs)?.["until"] ?? -Infinity),
    deployments: new Map() as Deployments,
  }));

  const thinStretch = (
    level: (typeof levels)[number],
    stretch: Window,
    windows: readonly Window[],
  ) => {
    db.exec("BEGIN IMMEDIATE");
    for (const { from, to } of outside(windows, stretch)) {
      const samples = [...pagesOf(rows, from, to)].flat();
      const thinned: readonly Sample[] = thin(samples, level.widthMs, level.deployments);
      if (thinned.length === samples.length) continue;
      drop.run(from, to);
      writer.insert(thinned);
    }
    write.run(level.widthMs, stretch.to + 1);
    db.exec("COMMIT");
    level.until = stretch.to + 1;
  };

  return (newest, windows) => {
    for (const level of levels) {
      const limit = Math.floor((newest - level.afterMs) / stretchMs) * stretchMs;
      for (let done = 0; done < STRETCHES_MAX && level.until < limit; done += 1) {
        const oldest = next.get(level.until)?.["ts"] ?? null;
        const from = oldest === null ? limit : Math.floor(Number(oldest) / stretchMs) * stretchMs;
        if (from >= limit) level.until = limit;
        else thinStretch(level, { from, to: from + stretchMs - 1 }, windows());
      }
    }
  };
}
