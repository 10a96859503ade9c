import type { RequestListener } from "node:http";

import { describe, expect, test } from "vitest";

import type { Resolve } from "./addresses.ts";
import { createApp, http, look, probeOf, unknown } from "./app.fixture.ts";

describe("several replicas behind one private name", () => {
  const resolve =
    (...addresses: readonly string[]): Resolve =>
    () =>
      Promise.resolve(
        addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      );

  test("are each asked by their own address and the one name", async () => {
    const [one, two] = [createApp(), createApp()];
    const hosts = new Set<string | undefined>();
    const serve =
      (app: { page(): string }): RequestListener =>
      (request, response) => {
        hosts.add(request.headers.host);
        response.end(app.page());
      };
    await using first = await http(serve(one), "127.0.0.1");
    await using second = await http(serve(two), "127.0.0.2", first.port);
    const url = `http://app.test:${first.port}/metrics`;
    const probe = probeOf(url, {}, resolve("127.0.0.1", "127.0.0.2"));
    // Both started in the same moment: here the address tells them apart.
    await look(probe);
    [one.ok, two.ok, two.bad] = [101, 120, 11];
    const seen = await look(probe);
    expect(seen.values).toMatchObject({ requests: 22, failed: 1, inflight: 4, memory_used: 1000 });
    expect(seen.buckets?.at(-1)).toEqual({ le: Infinity, count: 22 });
    expect(first.count()).toBe(second.count());
    expect(hosts).toEqual(new Set([`app.test:${first.port}`]));
  });

  test("one that is gone or hangs is named and takes nothing from the others", async () => {
    const app = createApp();
    await using first = await http((_request, response) => void response.end(app.page()));
    await using frozen = await http(() => undefined, "127.0.0.2", first.port);
    const url = `http://app.test:${first.port}/metrics`;
    const all = resolve("127.0.0.1", "127.0.0.2", "127.0.0.3");
    const probe = probeOf(url, { timeout: "1s" }, all);
    await look(probe);
    app.ok = 105;
    const seen = await look(probe);
    expect(seen).toMatchObject({ values: { requests: 5 }, problem: { code: "timeout" } });
    expect(seen.problem?.detail).toContain("1 of 3 addresses answer");
    expect(frozen.count()).toBe(2);
  });

  test("with two addresses each are counted once", async () => {
    const app = createApp();
    const serve: RequestListener = (_request, response) => void response.end(app.page());
    await using first = await http(serve, "127.0.0.1");
    await using second = await http(serve, "::1", first.port);
    const url = `http://app.test:${first.port}/metrics`;
    const probe = probeOf(url, {}, resolve("127.0.0.1", "::1"));
    await look(probe);
    app.ok = 107;
    expect((await look(probe)).values.requests).toBe(7);
    expect([first.count(), second.count()]).toContain(0);
  });

  test("that listen on one family only are found", async () => {
    const app = createApp();
    await using first = await http((_request, response) => void response.end(app.page()));
    const url = `http://app.test:${first.port}/metrics`;
    const probe = probeOf(url, {}, resolve("::1", "127.0.0.1"));
    await look(probe);
    app.ok = 101;
    expect((await look(probe)).values.requests).toBe(1);
  });

  test("a public name is one address", async () => {
    const app = createApp();
    await using first = await http((_request, response) => void response.end(app.page()));
    let asked = 0;
    const probe = probeOf(`http://localhost:${first.port}/metrics`, {}, () => {
      asked += 1;
      return Promise.resolve([{ address: "203.0.113.7", family: 4 }]);
    });
    expect((await look(probe)).problem?.code).toBe("counters-anew");
    expect(asked).toBe(1);
  });

  test("a name nobody knows is unknown", async () => {
    const probe = probeOf("http://nowhere.invalid/metrics");
    expect(await look(probe)).toMatchObject(unknown("dns-failed"));
    const never = new Promise<never>(() => undefined);
    const hanging = probeOf("http://app.test/metrics", { timeout: "200ms" }, () => never);
    expect(await look(hanging)).toMatchObject(unknown("timeout"));
  });
});
