import { createServer as createTcp, type AddressInfo, type Server } from "node:net";

import { Agent, request } from "undici";
import { afterEach, describe, expect, it, vi } from "vitest";

import { buildApi } from "../../../twin/guarded-api/api.ts";
import { readSettings } from "../../../twin/guarded-api/settings.ts";
import { createServer } from "../../api/server.ts";
import type { LeaseId } from "../../domain/ids.ts";
import type { Lease } from "../../domain/lease.ts";
import { systemClock } from "../../engine/clock.ts";
import { waitFor } from "../../gameday/wait.ts";
import { hasRedis, startRedis } from "../../probes/redis/redis-server.fixture.ts";
import { createMetrics } from "../../telemetry/metrics.ts";
import { createControl } from "./control.ts";
import type { Driver, SwitchState } from "./driver.ts";
import { createDesk, type Desk } from "./polling.ts";
import { createRedisDriver } from "./redis.ts";

// One contract for every way to the app, with the real guarded API, a real Redis and the daemon's own server.

vi.setConfig({ testTimeout: 30_000 });

const NAME = "read-only";
const SECRET = "a-secret-of-sixteen-or-more";
const KEY = "signalman:switch:read-only";
const signal = (ms = 5_000): AbortSignal => AbortSignal.timeout(ms);

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

let seq = Date.now();
const order = (more: Partial<SwitchState> = {}): SwitchState & { switch: string } => ({
  switch: NAME,
  value: true,
  until: Date.now() + 60_000,
  leaseId: "i/read-only",
  seq: ++seq,
  message: "Back soon, 🚧",
  ...more,
});

async function startApi(env: Record<string, string>): Promise<string> {
  const read = readSettings({
    DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
    SWITCH_SECRET: SECRET,
    WEBHOOK_SECRET: SECRET,
    PORT: "0",
    ...env,
  });
  if (!read.ok) throw new Error(read.wrong.join());
  const app = await buildApi(read.settings);
  undo.push(() => app.close());
  await app.listen({ host: "127.0.0.1", port: 0 });
  return app.listeningOrigin;
}

/** The daemon's server with this desk behind it. */
async function startDaemon(desk: Desk): Promise<string> {
  const hooks = {
    senders: [],
    callers: [],
    now: () => Date.now(),
    hear: () => ({ kind: "busy" }) as const,
    call: () => {},
    onDelivery: () => {},
    onError: () => {},
  };
  const server = createServer(() => [], createMetrics(), hooks, desk);
  undo.push(() => server.close());
  await server.listen({ host: "127.0.0.1", port: 0 });
  return `${server.listeningOrigin}/switches`;
}

function control(url: string): Driver {
  const agent = new Agent();
  undo.push(() => agent.destroy());
  return createControl({ url, secret: SECRET, clock: systemClock, agent });
}

interface Way {
  readonly driver: Driver;
  /** Where the app that obeys is. */
  readonly app: string;
}

const WAYS: { readonly [kind: string]: () => Promise<Way> } = {
  control: async () => {
    const app = await startApi({});
    return { app, driver: control(`${app}/_signalman/switches`) };
  },
  redis: async () => {
    const server = await startRedis("--requirepass", "hunter2");
    undo.push(() => server[Symbol.asyncDispose]());
    const url = `redis://:hunter2@127.0.0.1:${server.port}/3`;
    const app = await startApi({ REDIS_URL: url, SWITCH_REDIS_KEY: KEY });
    return { app, driver: createRedisDriver({ url, key: KEY, clock: systemClock }) };
  },
  polling: async () => {
    const desk = createDesk(systemClock);
    const driver = desk.driver(NAME, SECRET);
    const url = await startDaemon(desk);
    return { driver, app: await startApi({ SWITCH_POLL_URL: url, SWITCH_POLL_TOKEN: SECRET }) };
  },
};

async function refuses(app: string): Promise<boolean> {
  // Any write: whether there is such a place is asked after the switch.
  const answer = await request(`${app}/anything`, { method: "POST", signal: signal() });
  await answer.body.dump();
  return answer.headers["x-signalman-switch"] === NAME;
}

const obeys = (app: string, wanted: boolean): Promise<true> =>
  waitFor(`the app ${wanted ? "refuses" : "takes"} writes`, 8_000, async () =>
    (await refuses(app)) === wanted ? true : null,
  );

const shows = (driver: Driver, is: (state: SwitchState | null) => boolean): Promise<true> =>
  waitFor("it is read back", 8_000, async () => {
    const read = await driver.read(NAME, signal());
    return read.kind === "read" && is(read.state) ? true : null;
  });

describe.each(Object.keys(WAYS).filter((kind) => kind !== "redis" || hasRedis))("%s", (kind) => {
  const open = (): Promise<Way> => WAYS[kind]?.() ?? Promise.reject(new Error("no such way"));

  it("turns it on and off, and reads back what the app obeys", async () => {
    const { driver, app } = await open();
    await shows(driver, (state) => state === null);
    const on = order();
    expect(await driver.set(on, signal())).toEqual({ kind: "done" });
    await shows(driver, (state) => state?.seq === on.seq && state.message === on.message);
    await obeys(app, true);
    expect(await driver.set(order({ value: false }), signal())).toEqual({ kind: "done" });
    await shows(driver, (state) => state?.value !== true);
    await obeys(app, false);
  });

  it("ends by itself, whoever lives", async () => {
    const { driver, app } = await open();
    await driver.set(order({ until: Date.now() + 2_500 }), signal());
    await obeys(app, true);
    await obeys(app, false);
    await shows(driver, (state) => state === null);
  });

  it("takes only growing numbers", async () => {
    const { driver, app } = await open();
    const last = order();
    await driver.set(last, signal());
    for (const stale of [last.seq, last.seq - 1]) {
      expect(await driver.set(order({ value: false, seq: stale }), signal())).toMatchObject({
        kind: "refused",
        problem: { code: "switch-refused" },
      });
    }
    await obeys(app, true);
  });

  it("is given up with the signal", async () => {
    const { driver } = await open();
    const gone = AbortSignal.abort();
    expect((await driver.set(order(), gone)).kind).toBe("unclear");
  });
});

/** Something that listens and is no app: it says this, or nothing at all. */
async function startStranger(says: string | null): Promise<number> {
  const server: Server = createTcp((socket) => {
    socket.on("error", () => {});
    if (says !== null) socket.on("data", () => socket.end(says));
    undo.push(() => socket.destroy());
  });
  undo.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

describe.each([
  ["control", (port: number) => control(`http://127.0.0.1:${port}/s`)],
  [
    "redis",
    (port: number) =>
      createRedisDriver({ url: `redis://127.0.0.1:${port}`, key: KEY, clock: systemClock }),
  ],
])("%s, when nobody is there", (_, to) => {
  it.each([
    ["nothing listens", null],
    ["it hangs", () => startStranger(null)],
    ["it talks nonsense", () => startStranger(":1\r\n*-7\r\nwhat?\r\n")],
  ] as const)("says so in time: %s", async (_name, start) => {
    const driver = to(start === null ? 1 : await start());
    expect((await driver.set(order(), signal(700))).kind).toBe("unclear");
    expect(await driver.read(NAME, signal(700))).toMatchObject({
      kind: "silent",
      problem: { code: "switch-unreachable" },
    });
  });
});

describe("a Redis whose login or database is refused", () => {
  const to = async (says: string, path = "") => {
    const port = await startStranger(says);
    return createRedisDriver({
      url: `redis://:hunter2@127.0.0.1:${port}${path}`,
      key: KEY,
      clock: systemClock,
    });
  };

  it.each([
    [
      "no password is wanted",
      "-ERR AUTH called without any password configured\r\n$4\r\ndone\r\n",
      "",
    ],
    ["there is no such database", "+OK\r\n-ERR DB index is out of range\r\n$4\r\ndone\r\n", "/99"],
  ])("may have taken the order all the same: %s", async (_name, says, path) => {
    expect((await (await to(says, path)).set(order(), signal())).kind).toBe("unclear");
  });

  it("has surely not taken it when the order was refused too", async () => {
    const driver = await to("-WRONGPASS invalid\r\n-NOAUTH Authentication required.\r\n");
    expect((await driver.set(order(), signal())).kind).toBe("refused");
  });

  it("is not told with the password", async () => {
    const unknown = (args: string) => `-ERR unknown command, with args beginning with: ${args}\r\n`;
    const driver = await to(`${unknown("'hunter2' ")}${unknown("'local held'")}`);
    const told = JSON.stringify(await driver.set(order(), signal()));
    expect(told).toContain("unknown command");
    expect(told).not.toContain("hunter2");
  });
});

describe.runIf(hasRedis)("a key of Redis", () => {
  async function open() {
    const server = await startRedis();
    undo.push(() => server[Symbol.asyncDispose]());
    const url = `redis://127.0.0.1:${server.port}`;
    return { server, driver: createRedisDriver({ url, key: KEY, clock: systemClock }) };
  }

  it("is gone at its end, by the server's own clock", async () => {
    const { server, driver } = await open();
    await driver.set(order({ until: Date.now() + 60_000 }), signal());
    const left = Number(await server.run("PTTL", KEY));
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(60_001);
    expect((await driver.set(order({ until: Date.now() - 1 }), signal())).kind).toBe("refused");
  });

  it("of somebody else is nothing read back, and is written over", async () => {
    const { server, driver } = await open();
    await server.run("SET", KEY, '{"switch":"party-mode"');
    expect((await driver.read(NAME, signal())).kind).toBe("silent");
    expect((await driver.set(order(), signal())).kind).toBe("done");
    await server.run("DEL", KEY);
    await server.run("LPUSH", KEY, "x");
    expect(await driver.set(order(), signal())).toMatchObject({ kind: "refused" });
  });

  it("is taken once of many at the same moment: the largest stays", async () => {
    const { driver } = await open();
    const orders = Array.from({ length: 12 }, () => order());
    await Promise.all(orders.toReversed().map((one) => driver.set(one, signal())));
    const read = await driver.read(NAME, signal());
    expect(read.kind === "read" && read.state?.seq).toBe(orders.at(-1)?.seq);
  });
});

describe("asking the daemon", () => {
  const ask = async (url: string, token: string, etag = "") => {
    const answer = await request(url, {
      headers: {
        authorization: `Bearer ${token}`,
        ...(etag === "" ? {} : { "if-none-match": etag }),
      },
      signal: signal(),
    });
    return {
      status: answer.statusCode,
      etag: String(answer.headers.etag ?? ""),
      text: await answer.body.text(),
    };
  };

  it("counts as evidence only when the app shows what it was given after that", async () => {
    const desk = createDesk(systemClock);
    const driver = desk.driver(NAME, SECRET);
    const url = await startDaemon(desk);
    const read = async () => (await driver.read(NAME, signal())).kind;
    const before = await ask(url, SECRET);
    expect([before.status, await read()]).toEqual([200, "silent"]);
    expect((await ask(url, SECRET, before.etag)).status).toBe(304);
    expect(await read()).toBe("read");
    const on = order();
    await driver.set(on, signal());
    expect(await read()).toBe("silent");
    // Given out is not taken: the answer may be lost.
    const given = await ask(url, SECRET, before.etag);
    expect([given.status, await read()]).toEqual([200, "silent"]);
    const { switch: _, ...state } = on;
    expect(JSON.parse(given.text)).toEqual({ switches: { [NAME]: state } });
    expect((await ask(url, SECRET, `"x", W/${given.etag}`)).status).toBe(304);
    expect(await read()).toBe("read");
  });

  it("is for those who know a token, and tells each of its own switches", async () => {
    const desk = createDesk(systemClock);
    const other = "another-secret-of-an-app";
    desk.driver(NAME, SECRET);
    desk.driver("load-shedding", other);
    const url = await startDaemon(desk);
    expect((await ask(url, "wrong")).status).toBe(401);
    expect((await request(url, { signal: signal() })).statusCode).toBe(401);
    const told = await ask(url, other);
    expect(JSON.parse(told.text)).toEqual({ switches: { "load-shedding": null } });
    const unused = await startDaemon(createDesk(systemClock));
    expect((await ask(unused, SECRET)).status).toBe(404);
  });

  it("goes on after a restart of the daemon with what the books hold", async () => {
    const held = (id: string, more: Partial<Lease>): Lease => ({
      id: id as LeaseId,
      switch: NAME,
      incident: id as Lease["incident"],
      state: "active",
      message: "",
      until: Date.now() + 60_000,
      seq: 5,
      scope: [],
      ...more,
    });
    const stateOf = async (...leases: Lease[]) => {
      const desk = createDesk(systemClock);
      const driver = desk.driver(NAME, "no-secret-in-this-one");
      desk.restore(leases);
      const first = desk.answer(() => true, []);
      desk.answer(() => true, [first?.etag ?? ""]);
      const read = await driver.read(NAME, signal());
      return read.kind === "read" ? read.state : read.problem;
    };
    expect(await stateOf(held("a", {}))).toMatchObject({ value: true, seq: 5, leaseId: "a" });
    expect(await stateOf(held("a", { state: "ending" }))).toMatchObject({ value: false });
    expect(await stateOf(held("a", { state: "ended" }))).toBeNull();
    // One incident is done with it, and another one is not.
    expect(
      await stateOf(held("a", { state: "ending", seq: 9 }), held("b", { seq: 7 })),
    ).toMatchObject({ value: true, leaseId: "b" });
    const replicas = { action: "scale", params: {}, target: "api" };
    expect(await stateOf(held("a", { held: replicas }))).toBeNull();
  });
});
