import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { beforeAll, expect, it } from "vitest";

import { run } from "../../src/cli/reading.fixture.ts";
import { register } from "../../src/cli/score.ts";
import { createMemoryStore } from "../../src/storage/memory/index.ts";
import { openSqliteStore } from "../../src/storage/sqlite/index.ts";
import { liveThroughWeek } from "./live.ts";

const data = mkdtempSync(join(tmpdir(), "signalman-week-"));
const NEVER = new AbortController().signal;

// The week is lived over a store in memory and then written down at once: a thousand commits of their own would cost the disk seconds.
beforeAll(async () => {
  const memory = createMemoryStore();
  await liveThroughWeek(memory, 1);
  const opened = await openSqliteStore({ folder: data });
  if (opened.kind !== "open") throw new Error(opened.kind);
  const entries = await memory.entries({}, NEVER);
  const commits = entries.map((entry) => ({ entry, changes: entry.decision.changes }));
  expect(await opened.store.commit(commits, NEVER)).toEqual({ kind: "written" });
  await opened.store.close();
  return () => rmSync(data, { recursive: true, force: true });
}, 60_000);

// By hand, from week.ts (UTC). A restart is given 3 min (60 s to settle, 2 min to verify), a rollback 13, a switch 15 s.
//
//   false 1  Mon 12:00  the second path says up        → false alarm, nothing wanted
//   false 2  Mon 20:00  a planned deployment, not shown → restart would have hit it           hurt
//   real  1  Tue 03:10  database killed, restarted 03:30 → restart: the same, later           helped
//                                                        → read-only until 03:30              helped
//   real  2  Wed 10:00  API hangs, restarted 10:12       → restart: the same, later           helped
//   real  3  Thu 14:00  time-outs, a fix shipped 15:00   → scale: something else was done     cannot be said
//   real  4  Fri 16:00  bad release, rolled back 16:25   → rollback: the same, later          helped
//                                                        → freeze until 16:25                 helped
//   real  5  Sat 05:00  API hangs for 2 min              → restart: over before its 3 min     no difference
//   false 3  Sun 09:00  our own network, 10 min          → restart: a safeguard held it       no difference
//                                                        → read-only: nobody knows            cannot be said
//
// The two symptoms are the API's errors of Tuesday and Friday, which belong to the database and to the release.
it("a week in shadow is scored as a person would score it by hand", async () => {
  const { out, code } = await run(register, ["score", "--data", data]);
  expect(out).toMatchInlineSnapshot(`
    "In the whole journal: 10 incidents, 1 false alarm and 2 symptoms of others among them; in 3 no act was wanted.

    In shadow it would have
    ACTION             KIND                HELPED  NO DIFFERENCE  HURT  CANNOT BE SAID
    freeze-autodeploy  rollout-regression  1       0              0     0
    read-only          database-down       1       0              0     1
    restart            database-down       1       1              0     0
    restart            service-down        1       1              1     0
    rollback           rollout-regression  1       0              0     0
    scale              high-error-rate     0       0              0     1

    Why
      2026-03-02 20:01:05 UTC  restart in service-down of api (367640a441): hurt
        [would-have-collided] deployment api-2 of c2 (SUCCESS) was under way since 20:00:00 UTC, and not shown yet.
      2026-03-03 03:10:16 UTC  read-only in database-down of postgres (706ab163f6): helped
        [would-have-contained] well again 19 min 49 s after it was wanted, when somebody acted (03:30:00 UTC: a new process of deployment postgres-1 (RUNNING)).
      2026-03-03 03:10:21 UTC  restart in database-down of postgres (706ab163f6): helped
        [person-did-the-same] well again 19 min 44 s after it was wanted, when somebody did the same (03:30:00 UTC: a new process of deployment postgres-1 (RUNNING)).
      2026-03-04 10:01:05 UTC  restart in service-down of api (4478e85034): helped
        [person-did-the-same] well again 11 min 1 s after it was wanted, when somebody did the same (10:12:00 UTC: a new process of deployment api-2 (RUNNING)).
      2026-03-05 14:01:05 UTC  scale in high-error-rate of api (e51311938a): cannot be said
        [something-else-was-done] well again 1 h after it was wanted, after something else (15:00:00 UTC: deployment api-3 of c3 (SUCCESS)).
      2026-03-06 16:01:03 UTC  freeze-autodeploy in rollout-regression of api (08b587025e): helped
        [would-have-contained] well again 25 min 59 s after it was wanted, when somebody acted (16:25:00 UTC: deployment api-5 of c3 (SUCCESS)).
      2026-03-06 16:01:06 UTC  rollback in rollout-regression of api (08b587025e): helped
        [person-did-the-same] well again 25 min 56 s after it was wanted, when somebody did the same (16:25:00 UTC: deployment api-5 of c3 (SUCCESS)).
      2026-03-07 05:01:05 UTC  restart in service-down of api (d4ea7db5d0): no difference
        [over-before-it] well again 1 min 1 s after it was wanted; the act is given 3 min.
      2026-03-08 09:00:16 UTC  read-only in database-down of postgres (3975bd17da): cannot be said
        [came-back-by-itself] well again 9 min 49 s after it was wanted, and nobody did anything: whether it was real, or the act would have helped, nobody knows.
      2026-03-08 09:00:21 UTC  restart in database-down of postgres (3975bd17da): no difference
        [held-back] a safeguard would have kept it back (network-in-doubt).

    Earned
      freeze-autodeploy: shadow; has not earned suggest (it would have helped: 1 of 2).
      read-only: shadow; has not earned suggest (it would have helped: 1 of 2).
      restart: shadow; has not earned suggest (it would have hurt: 1).
      rollback: shadow; has not earned suggest (it would have helped: 1 of 2).
      scale: shadow; has not earned suggest (it would have helped: 0 of 2).

    Rule: suggest is earned when it would have helped at least 2 times and would never have hurt.
    Rule: auto is earned when it was done at least 5 times with a person's approval and was effective each time, and would never have hurt.
    Nothing changes by itself: a person writes the line. What it cannot say is never counted as help."
  `);
  expect(code).toBe(1);
});

it("without the Monday the restart has earned its next mode, and the line is there to be written", async () => {
  const { out, code } = await run(register, ["score", "--since", "2026-03-03", "--data", data]);
  expect(out.slice(out.indexOf("\nEarned"), out.indexOf("\nRule"))).toMatchInlineSnapshot(`
    "
    Earned
      freeze-autodeploy: shadow; has not earned suggest (it would have helped: 1 of 2).
      read-only: shadow; has not earned suggest (it would have helped: 1 of 2).
      restart: shadow; has earned suggest: it would have helped 2 times and never hurt.
        A person would write under "modes" in signalman.yaml:  restart: suggest
        It holds in every kind of incident (scored in: database-down, service-down); a lower mode of the kind, the target or "overall" still wins.
      rollback: shadow; has not earned suggest (it would have helped: 1 of 2).
      scale: shadow; has not earned suggest (it would have helped: 0 of 2).
    "
  `);
  expect(code).toBe(0);
});
