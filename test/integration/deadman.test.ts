import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

import { afterEach, expect, it } from "vitest";

import type { Config } from "../../src/config/config.ts";
import { loadText } from "../../src/config/test-files.ts";
import { problem } from "../../src/domain/problem.ts";
import { createPulse } from "../../src/engine/deadman.ts";
import { waitFor } from "../../src/gameday/wait.ts";
import type { Store } from "../../src/ports/store.ts";
import { createMemoryStore } from "../../src/storage/memory/index.ts";
import { startHere } from "../support/app.ts";
import { HandClock } from "../support/clock.ts";

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

/** A server of this test's own; what it is asked goes to `answer`. */
async function serve(answer: (request: IncomingMessage, reply: ServerResponse) => void) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A daemon in this process whose one target, journal and monitor are the test's. */
async function guard() {
  const beats: { readonly path: string; readonly body: string }[] = [];
  const monitor = await serve((request, reply) => {
    void text(request).then((body) => {
      beats.push({ path: request.url ?? "", body });
      reply.end("OK");
    });
  });
  const held: ServerResponse[] = [];
  const world = { answers: false, writable: true };
  const target = await serve((_, reply) => {
    if (world.answers) reply.end();
    else held.push(reply);
  });
  const loaded = await loadText(
    `version: 1\ntargets: [{ name: api, url: "${target}", probes: [{ kind: http, path: /, every: 200ms }] }]\ndeadman: { url: { env: HEARTBEAT_URL } }\n`,
    { HEARTBEAT_URL: `${monitor}/ping/hunter2?rid=1`, PORT: "0" },
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  const deadman = { url: loaded.config.deadman?.url ?? "", everyMs: 20 };
  const config: Config = { ...loaded.config, deadman };
  const books = createMemoryStore();
  const store: Store = {
    ...books,
    commit: (commits, signal) =>
      world.writable
        ? books.commit(commits, signal)
        : Promise.resolve({ kind: "failed", problem: problem("store-failed", "disk full") }),
  };
  const { app, log } = await startHere(config, store);
  open.push(() => app.stop());
  const release = (): void => {
    world.answers = true;
    for (const reply of held.splice(0)) reply.end();
  };
  const silences = (): number => log.filter((line) => line.includes("no progress")).length;
  return { beats, world, release, silences, log: () => log.join("") };
}

const until = (what: string, is: () => boolean): Promise<unknown> =>
  waitFor(what, 10_000, async () => (is() ? true : null));

it("is called while there is progress, told of what is not ready, and left alone when the journal fails", async () => {
  const { beats, world, release, silences, log } = await guard();
  // Nothing was looked at yet: alive, and not well.
  await until("a call that it is not ready", () => beats.length > 0);
  expect(beats[0]?.path).toBe("/ping/hunter2/fail?rid=1");
  expect(beats[0]?.body).toMatch(
    /^not ready: not yet looked at: api\|http \/\|up\njournal \d+, open incidents 0$/,
  );

  release();
  const isWell = ({ path }: { path: string }): boolean => path === "/ping/hunter2?rid=1";
  await until("a call that all is well", () => beats.some(isWell));
  expect(beats.findLast(isWell)?.body).toMatch(/^journal \d+, open incidents 0$/);

  // No event needs the journal now: that it cannot be written is found out by writing.
  world.writable = false;
  await until("silence", () => silences() >= 1);
  const { length } = beats;
  await until("silence that lasts", () => silences() >= 4);
  expect(beats).toHaveLength(length);

  world.writable = true;
  await until("calls again", () => beats.length > length);
  // Its address is a secret.
  expect(log()).not.toContain("hunter2");
});

it("knows a loop that stands still", async () => {
  const clock = new HandClock(0);
  const pulse = createPulse(clock, { looks: 1_000, executor: 5_000 });
  await clock.pass(1_000);
  expect(pulse.standing()).toEqual([]);
  await clock.pass(1);
  expect(pulse.standing()).toEqual(["looks"]);
  pulse.mark("looks");
  await clock.pass(4_000);
  expect(pulse.standing()).toEqual(["looks", "executor"]);
  pulse.mark("looks");
  pulse.mark("executor");
  expect(pulse.standing()).toEqual([]);
});
