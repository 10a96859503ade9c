/**
 * A process of its own that owns a store, for tests that kill it. Arguments: the folder, and a user to become
 * first (or nothing). Says one JSON line for the opening and one for each commit; reads commands from standard
 * input: `commit` once, `loop` for ever, `samples` for ever as well. Ends with its input.
 */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";

import type { Change } from "../../src/domain/world.ts";
import type { Commit, SampleStore, Store } from "../../src/ports/store.ts";
import { openSqliteStore } from "../../src/storage/sqlite/index.ts";
import { aCommit, anAttempt, anIncident, aNotice, aSample, aTimer } from "./store.rows.ts";

/** Entries of one call: they must be found together or not at all. */
const PER_CALL = 3;
const signal = new AbortController().signal;

const [folder, user] = process.argv.slice(2);
if (folder === undefined) throw new Error("which folder?");
if (user !== undefined) process.setuid?.(Number(user));
const opened = await openSqliteStore({ folder });
if (opened.kind !== "open") {
  say(opened);
} else {
  say({ kind: "open", pid: process.pid });
  for await (const command of createInterface({ input: process.stdin })) {
    const times = command === "commit" ? 1 : Infinity;
    for (let time = 0; time < times; time += 1)
      say(
        command === "samples"
          ? await appendNext(opened.samples, time)
          : await commitNext(opened.store),
      );
  }
}

async function commitNext(store: Store): Promise<unknown> {
  const { seq } = await store.load(signal);
  const commits: Commit[] = [];
  for (let next = seq + 1; next <= seq + PER_CALL; next += 1) {
    commits.push(aCommit(next, changesOf(next), { incident: "i1" }));
  }
  const result = await store.commit(commits, signal);
  return { ...result, seq: seq + PER_CALL };
}

/** As many samples of one moment; the moment is the number of the call. */
async function appendNext(samples: SampleStore, ts: number): Promise<unknown> {
  await samples.append(
    Array.from({ length: PER_CALL }, (_, nth) =>
      aSample(ts, { target: `t${nth}`, processStart: ts }),
    ),
    signal,
  );
  return { kind: "written", seq: ts };
}

/** One row of each kind that is never written again, so that every entry can be looked up. */
function changesOf(seq: number): readonly Change[] {
  const timer = aTimer("t", { due: seq });
  return [
    { table: "incidents", row: anIncident("i1", { attempts: seq }) },
    { table: "attempts", row: anAttempt(`i1.${seq}`, { evidence: { filler: "x".repeat(500) } }) },
    { table: "timers", id: timer.id, row: timer },
    { table: "marks", row: { notices: seq } },
    { table: "notices", row: aNotice(`n${seq}`) },
  ];
}

/** Synchronous, so that what was said is out before anything else happens. */
function say(line: unknown): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}
