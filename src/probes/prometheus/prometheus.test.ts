import { expect, describe, test } from "vitest";

import { Config } from "./config.ts";
import { createApp, http, look, probeOf } from "./app.fixture.ts";

describe("one process", () => {
  test("is counted from one look to the next, from the second on", async () => {
    const app = createApp();
    await using server = await http((_request, response) => void response.end(app.page()));
    const clock = { now: 1_000_000 };
    const probe = probeOf(server.url, {}, undefined, () => clock.now);
    const first = await look(probe);
    expect(first).toMatchObject({
      values: { requests: null, failed: null, memory_used: 1000, inflight: 2 },
      problem: { code: "counters-anew" },
      processStart: 1_700_000_000_250,
    });
    expect(first.buckets?.map(({ count }) => count)).toEqual([0, 0]);
    [app.ok, app.bad, app.fast, app.cpu, clock.now] = [130, 13, 110, 7.5, 1_010_000];
    const second = await look(probe);
    expect(second.values).toEqual({
      requests: 33,
      failed: 3,
      auth_failures: 0,
      cpu_used: 0.25,
      memory_used: 1000,
      inflight: 2,
    });
    expect(second).not.toHaveProperty("problem");
    expect(second.buckets).toEqual([
      { le: 100, count: 20 },
      { le: Infinity, count: 33 },
    ]);
    clock.now += 10_000;
    expect((await look(probe)).values).toMatchObject({ requests: 0, failed: 0, cpu_used: 0 });
  });

  test("that is settled is asked once for each look", async () => {
    const app = createApp();
    await using server = await http((_request, response) => void response.end(app.page()));
    const probe = probeOf(server.url);
    await look(probe);
    await look(probe);
    const before = server.count();
    for (let number = 0; number < 5; number += 1) await look(probe);
    expect(server.count() - before).toBe(5);
    expect(server.connections()).toBe(server.count());
  });

  test("the first failure of its life counts, though its line is new", async () => {
    let page = 'http_requests_total{status="200"} 5\n';
    await using server = await http((_request, response) => void response.end(page));
    const probe = probeOf(server.url);
    await look(probe);
    page = 'http_requests_total{status="200"} 5\nhttp_requests_total{status="500"} 1\n';
    expect((await look(probe)).values).toMatchObject({ requests: 1, failed: 1 });
  });

  test.each([
    ["with a younger start", 1_700_000_099.5],
    ["without one, by its counts alone", 1_700_000_000.25],
  ])("began anew, %s, counts nothing of its past or of the one before", async (_, start) => {
    const app = createApp();
    await using server = await http((_request, response) => void response.end(app.page()));
    const probe = probeOf(server.url);
    await look(probe);
    app.ok = 200;
    expect((await look(probe)).values).toMatchObject({ requests: 100 });
    expect((await look(probe)).values).toMatchObject({ requests: 0 });
    [app.ok, app.bad, app.fast, app.cpu, app.start] = [40, 3, 41, 1, start];
    const after = await look(probe);
    expect(after).toMatchObject({
      values: { requests: null, failed: null, cpu_used: null, memory_used: 1000 },
      problem: { code: "counters-anew" },
      processStart: Math.round(start * 1_000),
    });
    // Readers of the buckets hear of the restart because they fall.
    expect(after.buckets?.map(({ count }) => count)).toEqual([0, 0]);
    app.ok = 42;
    expect((await look(probe)).values).toMatchObject({ requests: 2, failed: 0 });
  });

  test("after a gap counts from then on", async () => {
    const app = createApp();
    await using server = await http((_request, response) => void response.end(app.page()));
    const clock = { now: 1_000_000 };
    const probe = probeOf(server.url, { every: "10s" }, undefined, () => clock.now);
    await look(probe);
    [clock.now, app.ok] = [1_060_000, 150];
    expect((await look(probe)).values.requests).toBe(50);
    [clock.now, app.ok, app.bad] = [1_121_000, 9_150, 5_010];
    expect(await look(probe)).toMatchObject({
      values: { requests: null, failed: null },
      problem: { code: "counters-anew" },
    });
    [clock.now, app.ok] = [1_131_000, 9_151];
    expect((await look(probe)).values).toMatchObject({ requests: 1, failed: 0 });
  });

  test("is missed for what it told before and tells no more", async () => {
    const app = createApp();
    let page = app.page();
    await using server = await http((_request, response) => void response.end(page));
    const probe = probeOf(server.url);
    await look(probe);
    await look(probe);
    page = "process_start_time_seconds 1700000000.25\n";
    expect(await look(probe)).toMatchObject({
      values: { requests: null, failed: null, memory_used: null, inflight: null, cpu_used: null },
      problem: { code: "metrics-absent" },
    });
  });

  test("refusals by a switch, counted apart, are taken out", async () => {
    const app = createApp();
    await using server = await http((_request, response) => void response.end(app.page()));
    const probe = probeOf(server.url);
    app.extra = 'signalman_refused_requests_total{switch="read-only"} 5\n';
    await look(probe);
    app.extra = 'signalman_refused_requests_total{switch="read-only"} 45\n';
    [app.ok, app.bad] = [160, 51];
    expect((await look(probe)).values).toMatchObject({ requests: 61, failed: 1 });
  });

  test("refusals that its counter of requests does not see take no failures away", async () => {
    const app = createApp();
    await using server = await http((_request, response) => void response.end(app.page()));
    const probe = probeOf(server.url);
    app.extra = "signalman_refused_requests_total 5\n";
    await look(probe);
    app.extra = "signalman_refused_requests_total 45\n";
    app.ok = 160;
    expect((await look(probe)).values).toMatchObject({ requests: 60, failed: 0 });
  });

  test("whose page is slow is believed after more looks", async () => {
    const app = createApp();
    await using server = await http((_request, response) => {
      setTimeout(() => response.end(app.page()), 150);
    });
    const probe = probeOf(server.url, { timeout: "290ms" });
    for (let looks = 1; looks <= 10; looks += 1)
      expect((await look(probe)).problem?.code).toBe("counters-anew");
    app.ok = 101;
    expect((await look(probe)).values.requests).toBe(1);
    expect(server.count()).toBe(11);
  });

  test("two looks at once do not share what they read", async () => {
    const app = createApp();
    await using server = await http((_request, response) => void response.end(app.page()));
    const probe = probeOf(server.url);
    const [one, other] = await Promise.all([look(probe), look(probe)]);
    expect(one.problem?.code).toBe("counters-anew");
    expect(other).toMatchObject({ values: { requests: null }, problem: { code: "probe-failed" } });
  });
});

test("headers of the operator travel and are in no problem", async () => {
  let seen: string | undefined;
  await using app = await http((request, response) => {
    seen = request.headers.authorization;
    response.writeHead(403).end();
  });
  const observed = await look(probeOf(app.url, { headers: { authorization: "Bearer sw0rdfish" } }));
  expect(seen).toBe("Bearer sw0rdfish");
  expect(JSON.stringify(observed)).not.toContain("sw0rdfish");
});

test.each([
  [{}],
  [{ path: "metrics" }],
  [{ url: "ftp://host/" }],
  [{ url: "http://host/", path: "/x" }],
  [{ path: "/", metrics: { requests: "a b" } }],
  [{ path: "/", metrics: { requests: true } }],
  [{ path: "/", metrics: { status: "1" } }],
  [{ path: "/", metrics: { failed: [] } }],
  [{ path: "/", metrics: { surprise: "a" } }],
  [{ path: "/", ignore: "/x" }],
])("refused: %j", (config) => {
  expect(Config.safeParse({ kind: "prometheus", ...config }).success).toBe(false);
});
