import type { DatabaseSync, SQLOutputValue } from "node:sqlite";

import type { Sample } from "../../domain/sample.ts";
import type { Instant } from "../../domain/time.ts";

/** Reads samples of an open file. SQLite's errors are thrown. */
export interface SampleRows {
  /** Up to `limit` samples of `from` to `to`, both included, that come after `after`, in time order. */
  page(
    from: Instant,
    to: Instant,
    after: Place | null,
    limit: number,
  ): { readonly samples: readonly Sample[]; readonly last: Place | null };
}

/** Where a reader stopped, with what the next row may refer to. */
export interface Place {
  readonly ts: Instant;
  readonly nth: number;
  readonly note: string | null;
}

type Note = Pick<Sample, "problem" | "processStart" | "details"> & { readonly text?: string };
type Columns = readonly SQLOutputValue[];

/** Pages of everything between two moments. Each page is of one moment of the file; nothing is held open between two. */
export function* pagesOf(
  rows: SampleRows,
  from: Instant,
  to: Instant,
): Generator<readonly Sample[]> {
  for (let after: Place | null = null; ;) {
    const { samples, last } = rows.page(from, to, after, PAGE_ROWS);
    if (samples.length > 0) yield samples;
    if (last === null || samples.length < PAGE_ROWS) return;
    after = last;
  }
}

const PAGE_ROWS = 1_000;

export function createSampleRows(db: DatabaseSync): SampleRows {
  const select = db.prepare(`SELECT ts, nth, series, value, low, high, note FROM samples
    WHERE (ts, nth) > (?, ?) AND ts <= ? ORDER BY ts, nth LIMIT ?`);
  select.setReturnArrays(true);
  const series = createSeriesReader(db);
  return {
    page: (from, to, after, limit) => {
      const found = select.all(
        after?.ts ?? from,
        after?.nth ?? BEFORE_ALL,
        to,
        limit,
      ) as unknown as readonly Columns[];
      let note = after?.note ?? null;
      const samples: Sample[] = [];
      for (const row of found) {
        note = row[6] === SAME ? note : row[6] === null ? null : String(row[6]);
        samples.push(sampleOf(row, series(Number(row[2])), note));
      }
      const last = found.at(-1);
      return {
        samples,
        last: last === undefined ? null : { ts: Number(last[0]), nth: Number(last[1]), note },
      };
    },
  };
}

const BEFORE_ALL = -1;
/** "As in the row before", in one byte less than none. */
const SAME = 0;

type Series = Pick<Sample, "target" | "probe" | "name" | "le">;

/** Series are added beside a reader, so an unknown one is looked up. */
function createSeriesReader(db: DatabaseSync): (id: number) => Series {
  const select = db.prepare("SELECT target, probe, name, le FROM series WHERE id = ?");
  const known = new Map<number, Series>();
  return (id) => {
    const found = known.get(id);
    if (found !== undefined) return found;
    const row = select.get(id);
    if (row === undefined) throw new Error(`samples.db has no series ${id}`);
    const le = String(row["le"]);
    const series: Series = {
      target: String(row["target"]),
      probe: String(row["probe"]),
      name: String(row["name"]) as Sample["name"],
      ...(le === "" ? {} : { le: le === "+Inf" ? le : Number(le) }),
    };
    known.set(id, series);
    return series;
  };
}

function sampleOf(row: Columns, series: Series, note: string | null): Sample {
  const { text, ...more } = note === null ? NO_NOTE : (JSON.parse(note) as Note);
  const [ts, , , value, low, high] = row;
  return {
    target: series.target,
    probe: series.probe,
    name: series.name,
    ts: Number(ts),
    value: text ?? (value === null ? null : Number(value)),
    ...(series.le === undefined ? {} : { le: series.le }),
    ...(low === null || high === null ? {} : { low: Number(low), high: Number(high) }),
    ...more,
  };
}

const NO_NOTE: Note = {};

/** Writes samples within a transaction of the caller. SQLite's errors are thrown, and then `forget` must be called. */
export interface SampleWriter {
  insert(samples: readonly Sample[]): void;
  /** Ids that were given out in a transaction that was rolled back mean nothing. */
  forget(): void;
}

export function createSampleWriter(db: DatabaseSync): SampleWriter {
  const insert = db.prepare("INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?, ?)");
  const highest = db.prepare("SELECT max(nth) AS nth FROM samples WHERE ts = ?");
  const addSeries = db.prepare(
    "INSERT OR IGNORE INTO series (target, probe, name, le) VALUES (?, ?, ?, ?)",
  );
  const findSeries = db.prepare(
    "SELECT id FROM series WHERE target = ? AND probe = ? AND name = ? AND le = ?",
  );
  const ids = new Map<string, number>();

  const idOf = ({ target, probe, name, le }: Sample): number => {
    const bound = le === undefined ? "" : String(le);
    const key = `${target}\n${probe}\n${name}\n${bound}`;
    const known = ids.get(key);
    if (known !== undefined) return known;
    addSeries.run(target, probe, name, bound);
    const id = Number(findSeries.get(target, probe, name, bound)?.["id"]);
    ids.set(key, id);
    return id;
  };

  return {
    insert: (samples) => {
      let last: {
        readonly ts: Instant;
        readonly nth: number;
        readonly note: string | null;
      } | null = null;
      for (const sample of samples) {
        const { ts, value, low = null, high = null } = sample;
        const note = noteOf(sample);
        const isNext: boolean = last?.ts === ts;
        const nth: number = isNext
          ? (last?.nth ?? 0) + 1
          : Number(highest.get(ts)?.["nth"] ?? BEFORE_ALL) + 1;
        const said = isNext && note !== null && note === last?.note ? SAME : note;
        insert.run(
          ts,
          nth,
          idOf(sample),
          typeof value === "number" ? value : null,
          low,
          high,
          said,
        );
        last = { ts, nth, note };
      }
    },
    forget: () => ids.clear(),
  };
}

function noteOf({ value, problem, processStart, details }: Sample): string | null {
  const isPlain = problem === undefined && processStart === undefined && details === undefined;
  if (typeof value !== "string" && isPlain) return null;
  const note: Note = {
    ...(typeof value === "string" ? { text: value } : {}),
    ...(problem === undefined ? {} : { problem }),
    ...(processStart === undefined ? {} : { processStart }),
    ...(details === undefined ? {} : { details }),
  };
  return JSON.stringify(note);
}
