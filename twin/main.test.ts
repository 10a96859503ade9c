import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { Client } from "pg";
import { afterEach, expect, test, vi } from "vitest";
import { ask, at } from "./asking.ts";
import { isAlive, treeOf } from "./processes/tree.ts";
import { waitUntil } from "./processes/wait.ts";

type Main = ChildProcessByStdio<Writable, Readable, null>;
type Started = {
  main: Main;
  ready: { platform: string; api: string; env: Record<string, string> };
  /** Every process of the twin. */
  pids: number[];
  folder: string;
};

// Whole twins are started here, some of them twice: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000 });

const running: Main[] = [];

afterEach(() => {
  for (const main of running.splice(0)) main.kill("SIGKILL");
});

test("a twin that is killed leaves no process and no folder, even when one was stopped", async () => {
  const { main, ready, pids, folder } = await start();
  const pause = { fault: "pause", service: "Postgres" };
  await ask(`${ready.platform}/twin/faults`, { body: pause });
  expect(pids.length).toBeGreaterThan(8);
  main.kill("SIGKILL");
  await waitUntil(() => !pids.some(isAlive), 3_000);
  await waitUntil(() => !existsSync(folder), 2_000);
});

test.each(["SIGTERM", "SIGINT"] as const)("%s ends it in order and in time", async (signal) => {
  const { main, ready, pids, folder } = await start();
  // A request nobody will ever answer must not keep it.
  await ask(`${ready.platform}/twin/faults`, { body: { fault: "graphql", how: "hang" } });
  const hanging = ask(`${ready.platform}/graphql/v2`, { body: { query: "{ __typename }" } });
  const cut = expect(hanging).rejects.toThrow();
  const asked = Date.now();
  const ended = once(main, "exit");
  main.kill(signal);
  expect(await ended).toEqual([0, null]);
  expect(Date.now() - asked).toBeLessThan(3_000);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
  await cut;
  for (const url of [ready.platform, ready.api])
    await expect(ask(url)).rejects.toThrow("ECONNREFUSED");
});

test("with a parent, the end of its input is the end", async () => {
  const { main, pids } = await start("--with-parent");
  const ended = once(main, "exit");
  main.stdin.end();
  expect(await ended).toEqual([0, null]);
  expect(pids.filter(isAlive)).toEqual([]);
});

test("ended while it starts, it leaves nothing either", async () => {
  const main = run();
  await waitUntil(() => treeOf(main.pid ?? 0).length > 2, 10_000);
  const pids = treeOf(main.pid ?? 0);
  const ended = once(main, "exit");
  main.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
  await waitUntil(() => !pids.some(isAlive), 2_000);
});

test("without a parent the end of its input is nothing; with --data the data stay", async () => {
  const data = await mkdtemp(join(tmpdir(), "signalman-twin-data-"));
  try {
    const first = await start("--data", data);
    first.main.stdin.end();
    const trade = { symbol: "STAYS", quantity: 1, price: 2 };
    expect((await ask(`${first.ready.api}/trades`, { body: trade })).status).toBe(201);
    const ended = once(first.main, "exit");
    first.main.kill("SIGTERM");
    await ended;
    const second = await start("--data", data);
    const { text } = await ask(`${second.ready.api}/trades`);
    expect(at(JSON.parse(text), "trades.0.symbol")).toBe("STAYS");
    const over = once(second.main, "exit");
    second.main.kill("SIGTERM");
    await over;
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});

test("arguments it does not know are refused", async () => {
  const main = run("--port", "many");
  expect(await once(main, "exit")).toEqual([2, null]);
});

function run(...args: string[]): Main {
  const main = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...args], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  running.push(main);
  return main;
}

async function start(...args: string[]): Promise<Started> {
  const main = run(...args);
  const [line] = await Promise.race([
    once(createInterface(main.stdout), "line", { signal: AbortSignal.timeout(25_000) }),
    once(main, "exit").then(() => Promise.reject(new Error("The twin ended before it was ready."))),
  ]);
  const ready = JSON.parse(line);
  const client = new Client(ready.env.DATABASE_URL);
  await client.connect();
  const { rows } = await client.query("show unix_socket_directories");
  await client.end();
  const sockets = String(at(rows[0], "unix_socket_directories"));
  return { main, ready, pids: treeOf(main.pid ?? 0), folder: dirname(dirname(sockets)) };
}
