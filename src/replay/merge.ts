import { apply, EMPTY_WORLD } from "../domain/apply.ts";
import type { Sample } from "../domain/sample.ts";
import type { Instant } from "../domain/time.ts";
import type { Entry, World } from "../domain/world.ts";
import { linesOf } from "./event-lines.ts";

export interface Recorded {
  /** In time order, page by page. */
  readonly samples: AsyncIterable<readonly Sample[]>;
  /** The journal from its beginning, page by page. */
  readonly entries: AsyncIterable<readonly Entry[]>;
  readonly from: Instant;
  readonly to: Instant;
}

/**
 * The lines of a recording: samples, and between them what else the journal knows of the time, in the order in which it was
 * judged and decided. A recording begins, and each start of the daemon goes on, with the books as they stood.
 */
export async function* mergeLines(recorded: Recorded): AsyncGenerator<readonly object[]> {
  const steps = stepsOf(recorded);
  let next = await steps.next();
  let ts = -Infinity;
  for await (const page of recorded.samples) {
    const lines: object[] = [];
    for (const sample of page) {
      while (next.done !== true && next.value.isBefore(sample)) {
        ts = Math.max(ts, next.value.at);
        lines.push(...next.value.lines(ts));
        next = await steps.next();
      }
      ts = Math.max(ts, sample.ts);
      lines.push(sampleLine(sample));
    }
    yield lines;
  }
  for (; next.done !== true; next = await steps.next()) {
    ts = Math.max(ts, next.value.at);
    yield next.value.lines(ts);
  }
}

function sampleLine({ ts, target, name, value, probe, ...more }: Sample): object {
  return { ts, target, signal: name, value, probe, ...more };
}

/** What stands between samples: lines at one place. */
interface Step {
  readonly at: Instant;
  isBefore(sample: Sample): boolean;
  lines(ts: Instant): readonly object[];
}

async function* stepsOf({ entries, from, to }: Recorded): AsyncGenerator<Step, undefined> {
  let world: World = EMPTY_WORLD;
  let last: Entry | null = null;
  let isBegun = false;
  for await (const page of entries) {
    for (const entry of page) {
      if (entry.at > to) break;
      if (entry.at >= from) {
        if (!isBegun && last !== null) yield beginning(last, world, from);
        isBegun = true;
        if (entry.event.type !== "verdict") yield stepOf(entry, world);
      }
      world = apply(world, entry.seq, entry.at, entry.decision.changes);
      last = entry;
    }
  }
  if (!isBegun && last !== null) yield beginning(last, world, from);
}

/** A recording that begins in the middle: the books as they stood, before everything else. */
function beginning(last: Entry, world: World, from: Instant): Step {
  return { at: from, isBefore: () => true, lines: (ts) => booksOf(last, world, ts) };
}

function stepOf(entry: Entry, world: World): Step {
  const { lookedAt } = entry.facts;
  return {
    at: Math.max(entry.at, lookedAt ?? entry.at),
    // It says which look was the last one known; before the first one only time can tell.
    isBefore: ({ ts }) => (lookedAt === undefined ? entry.at <= ts : lookedAt < ts),
    lines: (ts) => [
      ...(entry.event.type === "start" ? booksOf(entry, world, ts) : []),
      ...linesOf(entry, ts),
    ],
  };
}

function booksOf({ facts, under }: Entry, world: World, ts: Instant): readonly object[] {
  return [
    { ts, fact: "watching", since: facts.watchingSince, rules: under.rules },
    { ts, fact: "world", world },
  ];
}
