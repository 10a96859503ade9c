import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { ask } from "../../../twin/asking.ts";
import type { Sample } from "../../domain/sample.ts";
import { sessionsOf } from "../../probes/postgres/sessions.ts";
import { openActionStage, type ActionStage } from "../stage.fixture.ts";
import type { ActionParts } from "../definition.ts";
import { plannedAttempt } from "../testing.ts";

vi.setConfig({ testTimeout: 30_000 });

const NEVER = new AbortController().signal;

let stage: ActionStage;

beforeAll(async () => {
  stage = await openActionStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

function collect(more: Partial<ActionParts> = {}) {
  const database = stage.twin.env["DATABASE_URL"] ?? "";
  return stage.action("collect-evidence", {
    activity: (_target, signal) => sessionsOf(database, signal),
    ...more,
  });
}

async function evidenceOf(more: Partial<ActionParts> = {}) {
  const action = collect(more);
  const answer = await action.perform(plannedAttempt(action), NEVER);
  if (answer.kind !== "done") throw new Error(answer.kind);
  return answer.evidence;
}

test("keeps deployments, log lines, sessions and the last samples", async () => {
  await ask(`${stage.twin.urls.api}/trades`);
  await stage.twin.inject({ fault: "refuse", service: "Postgres" });
  await ask(`${stage.twin.urls.api}/trades/77`);
  await stage.twin.clear();
  // The cut connections are made again by the next who asks.
  await ask(`${stage.twin.urls.api}/trades/78`);
  const sample = (target: string, ts: number, value: number): Sample => ({
    target,
    probe: "http /health",
    name: "up",
    ts,
    value,
  });
  const samples = [
    ...Array.from({ length: 50 }, (_, index) => sample("api", index, 1)),
    sample("other", 7, 0),
  ];
  const kept = await vi.waitFor(async () => {
    const evidence = await evidenceOf({ samples: () => Promise.resolve(samples) });
    expect(JSON.stringify(evidence["errors"])).toContain("could not be read from the database");
    return evidence;
  }, 10_000);
  expect(kept["missing"]).toEqual([]);
  expect(JSON.stringify(kept["deployments"])).toContain("4be0b7c");
  expect(JSON.stringify(kept["activity"])).toContain("tradesense-backend");
  expect(Object.keys(kept["samples"] ?? {})).toEqual(["http /health up"]);
  expect(JSON.stringify(kept["samples"])).toContain("[49,1]");
  expect(JSON.stringify(kept["samples"])).not.toContain("[30,1]");
});

test("holds no secret and stays small, whatever the app writes", async () => {
  const secret = stage.twin.env["SWITCH_SECRET"] ?? "";
  const row = { app: `postgres://app:${secret}@db/x`, query: "x".repeat(10_000) };
  const evidence = await evidenceOf({
    activity: () => Promise.resolve(JSON.stringify(Array.from({ length: 500 }, () => row))),
  });
  const text = JSON.stringify(evidence);
  expect(text).not.toContain(secret);
  expect(text.length).toBeLessThan(64_000);
});

test("a part that cannot be had costs only itself, and is named", async () => {
  await stage.twin.inject({ fault: "graphql", how: "502" });
  const evidence = await evidenceOf({
    samples: () => Promise.reject(new Error("the disk is gone")),
  });
  await stage.twin.clear();
  expect(evidence["missing"]).toEqual([
    "samples: the disk is gone",
    expect.stringContaining("platform: railway-unreachable"),
  ]);
  expect(JSON.stringify(evidence["activity"])).toContain("tradesense-backend");
});
