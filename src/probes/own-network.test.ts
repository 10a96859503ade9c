import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";

import { describe, expect, test } from "vitest";

import { panelsFor } from "../config/panels.ts";
import { defaultRules } from "../config/default-rules.ts";
import { samplesOf, type Observation } from "../domain/observation.ts";
import type { Probe } from "../ports/probe.ts";
import { readLine } from "../replay/lines.ts";
import { createReplay } from "../replay/replay.ts";
import { createProbe } from "./index.ts";
import { createOwnNetwork, doubting, isPublic, placeOf, type Place } from "./own-network.ts";
import { tcpServer, type TcpStub } from "./stub-servers.ts";

const never = new AbortController().signal;
const at = ({ port }: { readonly port: number }): Place => ({ host: "127.0.0.1", port });

describe("our own network", () => {
  test("is in doubt only when no place takes a connection", async () => {
    await using one = await tcpServer(() => undefined);
    const gone = at({ port: await closedPort() });
    expect(await createOwnNetwork([gone, at(one)]).isInDoubt()).toBe(false);
    expect(await createOwnNetwork([gone, gone]).isInDoubt()).toBe(true);
    expect(await createOwnNetwork([{ host: "nowhere.invalid", port: 443 }, gone]).isInDoubt()).toBe(
      true,
    );
    await expect.poll(() => one.open.size).toBe(0);
  });

  test("is asked about once by all who ask at once", async () => {
    await using one = await tcpServer(() => undefined);
    const network = createOwnNetwork([at(one), at(one)]);
    const answers = await Promise.all(Array.from({ length: 50 }, () => network.isInDoubt()));
    expect(new Set(answers)).toEqual(new Set([false]));
    expect(one.count).toBeLessThanOrEqual(2);
  });

  test("does not wait longer than two seconds for places that are silent", async () => {
    await using silent = await fullServer();
    const begun = performance.now();
    expect(await createOwnNetwork([at(silent), at(silent)]).isInDoubt()).toBe(true);
    expect(performance.now() - begun).toBeGreaterThan(1_900);
    expect(performance.now() - begun).toBeLessThan(4_000);
  });
});

describe("a probe that doubts", () => {
  test("says down while a place answers", async () => {
    await using place = await tcpServer(() => undefined);
    const { played, seen } = await story([at(place), at({ port: await closedPort() })]);
    expect(seen.map(({ values }) => values.up)).toEqual([0, 0, 0, 0]);
    expect(seen[0]?.problem?.code).toBe("connection-refused");
    expect(played.map(({ event }) => event)).toContain("open");
  });

  test("is blind while none does: people are told, no incident opens, and replay sees the same", async () => {
    const gone = at({ port: await closedPort() });
    const { played, seen } = await story([gone, gone]);
    for (const { values, problem } of seen) {
      expect(values).toEqual({ up: null });
      expect(problem).toMatchObject({
        code: "own-network",
        detail: expect.stringMatching(/ECONNREFUSED.*; nor do the places that always answer/),
      });
    }
    expect(played).toEqual([
      expect.objectContaining({
        event: "notice",
        kind: "blind",
        title: "Blind: I cannot look at api",
      }),
    ]);
  });

  test("leaves alone what the target said itself, and asks nobody for it", async () => {
    await using place = await tcpServer(() => undefined);
    await using app = await tcpServer((socket) => {
      socket.once("data", () => socket.end("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n"));
    });
    const probe = doubting(probeOf(app.port), createOwnNetwork([at(place), at(place)]));
    expect((await look(probe)).problem?.code).toBe("unexpected-status");
    expect(place.count).toBe(0);
    await probe.close();
  });

  test("ends with its signal, and cannot say", async () => {
    await using silent = await fullServer();
    const network = createOwnNetwork([at(silent), at(silent)]);
    const probe = doubting(probeOf(await closedPort()), network);
    const ending = new AbortController();
    const asked = probe.look(ending.signal);
    setTimeout(() => ending.abort(), 200);
    const begun = performance.now();
    expect(await asked).toMatchObject([
      { values: { up: null }, problem: { code: "probe-failed" } },
    ]);
    expect(performance.now() - begun).toBeLessThan(1_000);
    await probe.close();
  });
});

test.each([
  ["example.com:443", { host: "example.com", port: 443 }],
  ["[2606:4700::1111]:53", { host: "2606:4700::1111", port: 53 }],
  ["https://example.com/health", { host: "example.com", port: 443 }],
  ["http://example.com:8080", { host: "example.com", port: 8080 }],
  ["example.com", null],
  ["example.com:0", null],
  ["example.com:443/path", null],
  ["u:p@example.com:443", null],
  ["ftp://example.com:21", null],
  ["", null],
])("the place %j", (text, place) => {
  expect(placeOf(text)).toEqual(place);
});

test.each([
  ["https://api.example.com/health", true],
  ["postgres://u:p@8.8.8.8:5432/d", true],
  ["redis://[2606:4700::1111]", true],
  ["http://localhost:3000", false],
  ["http://127.0.0.1", false],
  ["http://[::1]:80", false],
  ["http://[fd12::1]", false],
  ["postgres://u:p@10.1.2.3/d", false],
  ["postgres://u:p@postgres.railway.internal/d", false],
  ["redis://redis", false],
  [undefined, false],
])("whether %j is on the public network: %j", (url, expected) => {
  expect(isPublic(url)).toBe(expected);
});

/** Four looks at an app that is not there, and what replay makes of their record. */
async function story(places: readonly Place[]) {
  let ts = 1_661_140_279_000;
  const probe = doubting(
    probeOf(await closedPort()),
    createOwnNetwork(places),
    () => (ts += 10_000),
  );
  const seen: Observation[] = [];
  for (let looks = 0; looks < 4; looks += 1) seen.push(await look(probe));
  await probe.close();
  const rules = await defaultRules(["api"]);
  const replay = createReplay({ rules, onlyTarget: "api", judgeFor: panelsFor([]), verbose: true });
  const written = seen
    .flatMap(samplesOf)
    .map(({ name, ...rest }) => JSON.stringify({ signal: name, ...rest }));
  const played = written.flatMap((text) => {
    const read = readLine(text);
    if (read.kind !== "sample") throw new Error(`not a sample: ${text}`);
    return replay.take(read.line);
  });
  return { seen, played: [...played, ...replay.end()] };
}

function probeOf(port: number): Probe {
  const config = { url: `http://127.0.0.1:${port}/` };
  return createProbe("http", { target: "api", name: "http", config });
}

async function look(probe: Probe): Promise<Observation> {
  const [seen] = await probe.look(never);
  if (seen === undefined) throw new Error("nothing was observed");
  return seen;
}

/** A frozen process whose queue of connections is full: who asks for one more is not answered at all. */
async function fullServer() {
  const program =
    "const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port))";
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const [line]: unknown[] = await once(child.stdout, "data");
  const port = Number(String(line));
  child.kill("SIGSTOP");
  let queued = 0;
  const fillers = Array.from({ length: 8 }, () =>
    connect(port, "127.0.0.1", () => (queued += 1)).on("error", () => undefined),
  );
  await expect.poll(() => queued).toBeGreaterThanOrEqual(2);
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy();
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

async function closedPort(): Promise<number> {
  const stub: TcpStub = await tcpServer(() => undefined);
  await stub[Symbol.asyncDispose]();
  return stub.port;
}
