import { expect, test } from "vitest";

import type { Poller, Sight } from "../../railway/poll/sight.ts";
import { Logs, type LogLine } from "../../railway/poll/shapes.ts";
import { success } from "../../railway/result.ts";
import { definition } from "./index.ts";

const NEVER = new AbortController().signal;

test("lines are counted once, although each look asks for older ones too", async () => {
  const look = watch([
    [line(1, "old trouble")],
    [line(1, "old trouble"), line(2, "TimeoutError"), line(3, "deadlock detected")],
    // A late one from before.
    [line(2, "TimeoutError"), line(2.5, "TimeoutError again"), line(3, "deadlock detected")],
    [line(3, "deadlock detected")],
  ]);
  expect(await look()).toBeUndefined();
  expect((await look())?.counts).toMatchObject({ timeout: 1, database: 1, other: 0 });
  expect((await look())?.counts).toMatchObject({ timeout: 1, database: 0, other: 0 });
  expect((await look())?.counts).toMatchObject({ timeout: 0, database: 0, other: 0 });
});

test("a few lines are kept: on one line, bounded, without secrets", async () => {
  const nasty = `boom \u001b[31m\n postgres://app:s3cr3t@db/x ${"x".repeat(5_000)}`;
  const look = watch([[], Array.from({ length: 9 }, (_, index) => line(index + 1, nasty))]);
  await look();
  const errors = await look();
  expect(errors?.counts["database"]).toBe(9);
  expect(errors?.examples).toHaveLength(3);
  for (const { text } of errors?.examples ?? []) {
    // oxlint-disable-next-line no-control-regex -- their absence is the point
    expect(text).not.toMatch(/[\u0000-\u001f]|s3cr3t/);
    expect(text.length).toBeLessThanOrEqual(240);
  }
});

test("what it is about may stand in the attributes of a structured line", async () => {
  const raw = {
    timestamp: "2026-11-25T03:00:00.123456789Z",
    message: "request failed",
    severity: "error",
    tags: { serviceId: "s", deploymentInstanceId: "i" },
    attributes: [{ key: "err", value: '"asyncpg.PostgresError"' }],
  };
  const [structured] = Logs.parse([raw, { timestamp: 7 }, null]);
  expect(structured).toMatchObject({ at: 1_795_575_600_123, attributes: "asyncpg.PostgresError" });
  const look = watch([[], structured === undefined ? [] : [structured]]);
  await look();
  expect((await look())?.counts).toMatchObject({ database: 1 });
});

test("more lines than a look reads are told as such", async () => {
  const look = watch([[], [line(1, "boom")]], true);
  await look();
  expect(await look()).toMatchObject({ isCut: true, counts: { other: 1 } });
});

function watch(answers: readonly (readonly LogLine[])[], isCut = false) {
  let place = 0;
  const poller: Poller = {
    join: () => {},
    look: () => {
      const lines = answers[place] ?? [];
      place += 1;
      const logs = { from: 0, isCut, lines: success(lines) };
      return Promise.resolve({ kind: "seen", sight: { number: place, logs } as Sight, slow: null });
    },
    isAsleep: () => Promise.resolve(false),
    close: () => {},
  };
  const probe = definition.make({
    target: "t",
    name: "n",
    config: {},
    platform: { service: "s", poller, isOnlyWord: false },
  });
  return async () => (await probe.look(NEVER))[0]?.errors;
}

function line(at: number, message: string): LogLine {
  return {
    timestamp: `${at}`,
    at,
    message,
    severity: "error",
    attributes: "",
    serviceId: "s",
    instanceId: "i",
  };
}
