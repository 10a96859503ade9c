import { describe, expect, test } from "vitest";

import { problem } from "../domain/problem.ts";
import type { Looked, Poller, Sight } from "../railway/poll/sight.ts";
import { failure, success } from "../railway/result.ts";
import { createProbe, probes } from "./index.ts";
import { letSleep } from "./sleep.ts";

// What is true of every kind that reads the platform's poll.

const KINDS = ["railway", "log-pattern"] as const;
const REFUSED = failure(problem("railway-refused"));
const LIVE = {
  id: "d1",
  status: "SUCCESS",
  statusUpdatedAt: null,
  createdAt: 0,
  deploymentStopped: false,
  instances: [{ id: "i1", status: "RUNNING" }],
};

describe.each(KINDS)("%s", (kind) => {
  const make = (poller: Poller | null, more: object = {}) =>
    createProbe(kind, {
      target: "t",
      name: "here",
      config: { every: "2s", ...more },
      now: () => 1_661_140_279_000,
      ...(poller === null ? {} : { platform: { service: "api", poller, isOnlyWord: true } }),
    });

  test("its example parses, as written and once more after parsing, and nothing else does", () => {
    const { Config, example } = probes[kind];
    const setting = { target: "t", name: "n" };
    expect(() => createProbe(kind, { ...setting, config: Config.parse(example) })).not.toThrow();
    expect(Config.safeParse({ ...Object(example), surprise: 1 }).success).toBe(false);
  });

  test("one poll is one observation; the same poll again observes nothing", async () => {
    const { poller, joined } = stub(() => seen(1));
    const probe = make(poller);
    expect(joined).toEqual([["api", 2_000]]);
    const [first, ...others] = await probe.look(new AbortController().signal);
    expect(others).toEqual([]);
    expect(first).toMatchObject({ target: "t", probe: "here", ts: 1_661_140_279_000 });
    expect(JSON.parse(JSON.stringify(first))).toEqual(first);
    const [again] = await probe.look(new AbortController().signal);
    expect(again?.values).toEqual({});
    expect(again).not.toHaveProperty("deployment");
  });

  test("a poll that is not due says why", async () => {
    const slow = problem("railway-budget", "looks are 240 s apart");
    const probe = make(stub(() => ({ ...seen(1), slow })).poller);
    await probe.look(new AbortController().signal);
    const [again] = await probe.look(new AbortController().signal);
    expect(again).toMatchObject({ values: {}, problem: slow });
  });

  test("trouble of Railway's API is cannot-say with its reason, once", async () => {
    const why = problem("railway-rate-limited", "HTTP 429");
    const probe = make(
      stub(() => ({ kind: "failed", number: 1, problem: why, slow: null })).poller,
    );
    const [first] = await probe.look(new AbortController().signal);
    expect(first?.problem).toEqual(why);
    for (const value of Object.values(first?.values ?? {})) expect(value).toBeNull();
    expect((await probe.look(new AbortController().signal))[0]?.values).toEqual({});
  });

  test("every part refused is cannot-say, and never zero", async () => {
    const bad: Partial<Sight> = {
      service: REFUSED,
      executions: REFUSED,
      usage: REFUSED,
      logs: { from: 0, isCut: false, lines: REFUSED },
    };
    const [first] = await make(stub(() => seen(1, bad)).poller).look(new AbortController().signal);
    expect(first?.problem?.code).toBe("railway-refused");
    for (const value of Object.values(first?.values ?? {})) expect(value).toBeNull();
  });

  test("nobody to ask is said", async () => {
    const [first] = await make(null).look(new AbortController().signal);
    expect(first?.problem?.code).toBe("not-configured");
  });

  test("ends at its timeout and with its signal, and is closed twice", async () => {
    const { poller } = stub((signal) => {
      const { promise, resolve } = Promise.withResolvers<Looked>();
      signal.addEventListener("abort", () => resolve({ kind: "ended" }));
      return promise;
    });
    const probe = make(poller, { timeout: "200ms" });
    const begun = performance.now();
    const [late] = await probe.look(new AbortController().signal);
    expect(late?.problem?.code).toBe("railway-unreachable");
    expect(performance.now() - begun).toBeLessThan(400);
    const ending = new AbortController();
    const ended = probe.look(ending.signal);
    ending.abort();
    expect((await ended)[0]).toMatchObject({ values: {} });
    await probe.close();
    await probe.close();
  });
});

describe("a target that sleeps", () => {
  const http = (looks: { count: number }) => ({
    target: "t",
    name: "http",
    kind: "http",
    close: () => Promise.resolve(),
    look: () => {
      looks.count += 1;
      return Promise.resolve([{ target: "t", probe: "http", ts: 1, tookMs: 1, values: { up: 1 } }]);
    },
  });

  test("is not looked at, so that it is not woken; one that is awake is", async () => {
    const looks = { count: 0 };
    let isAsleep = true;
    const poller = { isAsleep: () => Promise.resolve(isAsleep) };
    const probe = letSleep(http(looks), { service: "api", poller }, () => 7);
    expect(await probe.look(new AbortController().signal)).toEqual([
      {
        target: "t",
        probe: "http",
        ts: 7,
        tookMs: 0,
        values: { up: null },
        problem: problem("target-asleep"),
      },
    ]);
    expect(looks.count).toBe(0);
    isAsleep = false;
    expect((await probe.look(new AbortController().signal))[0]?.values.up).toBe(1);
  });
});

function stub(answer: (signal: AbortSignal) => Looked | Promise<Looked>) {
  const joined: [string, number][] = [];
  const poller: Poller = {
    join: (service, _wishes, everyMs) => void joined.push([service, everyMs]),
    look: async (_service, signal) => answer(signal),
    isAsleep: () => Promise.resolve(false),
    close: () => {},
  };
  return { poller, joined };
}

function seen(number: number, more: Partial<Sight> = {}): Looked & { kind: "seen" } {
  const names = { id: "si", serviceId: "s", serviceName: "api", latestDeployment: null };
  const sight: Sight = {
    number,
    at: 0,
    service: success({ ...names, activeDeployments: [LIVE] }),
    replicas: 1,
    commits: {},
    executions: success([]),
    usage: success([]),
    edge: null,
    logs: { from: 0, isCut: false, lines: success([]) },
    platform: null,
    ...more,
  };
  return { kind: "seen", sight, slow: null };
}
