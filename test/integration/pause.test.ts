import { once } from "node:events";
import { createServer as createTcp, type Socket } from "node:net";

import { request } from "undici";
import { expect, it, onTestFinished } from "vitest";

import { register as pauseCommands } from "../../src/cli/pause.ts";
import { folder, run } from "../../src/cli/reading.fixture.ts";
import type { Facts, SignalFact } from "../../src/domain/facts.ts";
import type { Entry } from "../../src/domain/world.ts";
import { runAnnouncer } from "../../src/engine/announcer.ts";
import { systemClock } from "../../src/engine/clock.ts";
import { createDispatcher } from "../../src/engine/dispatcher.ts";
import { runExecutor } from "../../src/engine/executor.ts";
import { createBell } from "../../src/engine/loop.ts";
import { noticePause, runTimekeeper } from "../../src/engine/timekeeper.ts";
import { waitFor } from "../../src/gameday/wait.ts";
import { createSlack } from "../../src/notifiers/slack/index.ts";
import type { Action } from "../../src/ports/action.ts";
import { write } from "../../src/report/story.fixture.ts";
import { readPause } from "../../src/storage/pause-file.ts";
import { openSqliteStore } from "../../src/storage/sqlite/index.ts";
import { WELL } from "../support/theatre.ts";
import { TARGETS, twentyFailures } from "../support/twenty.ts";

const NEVER = new AbortController().signal;
const INTENTS = TARGETS.length;

/** The real books, executor, timekeeper and announcer, with 20 restarts waiting and everything outside dead. */
it("stops 20 waiting intents in under a second while everything is down, and lets all go on after resume", async () => {
  const railway = await hanging();
  const data = folder();
  const opened = await openSqliteStore({ folder: data });
  if (opened.kind !== "open") throw new Error(opened.kind);
  const stage = twentyFailures();
  await write(stage, opened.store);
  const { store } = opened;
  const stop = new AbortController();
  const entries: Entry[] = [];
  const started: string[] = [];
  const asked = new Set<string>();
  const clock = systemClock;
  const bell = createBell(clock);
  const dispatcher = createDispatcher({
    store,
    rules: stage.rules,
    start: await store.load(NEVER),
    facts: () => freshlyBreached(clock.now()),
    onTrouble: () => undefined,
    signal: stop.signal,
  });
  dispatcher.onCommit((entry) => {
    entries.push(entry);
    bell.ring();
  });
  const restart: Action = {
    traits: { ...(stage.rules.actions["restart"] as Action["traits"]), deadlineMs: 60_000 },
    // Asks a Railway that takes the connection and says nothing, until it is back.
    prepare: async ({ id }, signal) => {
      asked.add(id);
      await railway.ask(signal);
      return { plan: { deploymentId: "d1" }, platform: WELL };
    },
    perform: ({ id }) => {
      started.push(id);
      return Promise.resolve({ kind: "done", evidence: {} });
    },
    sight: () => Promise.resolve({ kind: "nothing", evidence: {} }),
  };
  const look: Action = {
    traits: stage.rules.actions["look"] as Action["traits"],
    prepare: () => Promise.resolve({ plan: {} }),
    perform: () => Promise.resolve({ kind: "done", evidence: {} }),
    sight: () => Promise.resolve({ kind: "nothing", evidence: {} }),
  };
  const pauseSource = { read: () => readPause(data, false, clock.now()) };
  const parts = {
    dispatcher,
    clock,
    bell,
    signal: stop.signal,
    onError: (error: unknown) => {
      throw error;
    },
  };
  const loops = [
    runTimekeeper({ ...parts, pauseSource, orderSource: { read: () => [], remove: () => {} } }),
    runExecutor({
      ...parts,
      isDraining: () => false,
      actions: { restart, look, inspect: look, switch: look },
      noticePause: () => noticePause({ dispatcher, pauseSource, clock }),
    }),
    runAnnouncer({
      ...parts,
      store,
      notifier: createSlack({ webhook: "http://127.0.0.1:9/dead", clock }),
      onSent: () => undefined,
    }),
  ];
  onTestFinished(async () => {
    stop.abort();
    railway.comeBack();
    await Promise.all(loops);
    await store.close();
  });
  const restarts = (state: string) =>
    Object.values(dispatcher.world().attempts).filter(
      (one) => one.slot === "remedy" && one.state === state,
    );

  await waitFor("the executor is full of calls that hang", 10_000, async () =>
    asked.size >= 8 ? true : null,
  );
  expect(restarts("planned")).toHaveLength(INTENTS);

  const begun = performance.now();
  const paused = await run(pauseCommands, ["pause", "--data", data, "--by", "ann"]);
  await waitFor("the pause is in the journal", 5_000, async () =>
    (dispatcher.world().marks.pause ?? null) === null ? null : true,
  );
  const tookMs = performance.now() - begun;
  expect(paused).toMatchObject({ code: 0, err: "" });
  expect(tookMs).toBeLessThan(1_000);

  // Everything answers again: what was being prepared comes through now, and nothing may follow from it.
  railway.comeBack();
  await waitFor("all are held by the pause", 20_000, async () =>
    restarts("held").filter(({ problem }) => problem?.code === "paused").length === INTENTS
      ? true
      : null,
  );
  expect(started).toEqual([]);

  await run(pauseCommands, ["resume", "--data", data]);
  await waitFor("all go on", 20_000, async () => (started.length >= INTENTS ? true : null));
  expect(new Set(started).size).toBe(INTENTS);
  expect(started).toHaveLength(INTENTS);
  const kinds = entries.flatMap(({ event, decision }) =>
    event.type === "pause"
      ? [event.pause === null ? "resume" : "pause"]
      : decision.reasons.some(({ code }) => code === "started")
        ? ["start"]
        : [],
  );
  expect(kinds).toEqual(["pause", "resume", ...Array<string>(INTENTS).fill("start")]);
}, 60_000);

function freshlyBreached(at: number): Facts {
  const signals = TARGETS.map((target): [string, SignalFact] => [
    `${target}|postgres|up`,
    {
      target,
      opens: "database-down",
      state: "breached",
      failing: true,
      at,
      onset: at - 10_000,
      problem: "connection-refused",
    },
  ]);
  return { watchingSince: 0, signals: Object.fromEntries(signals) };
}

/** A server that takes connections and says nothing until it is told to come back: the worst way to be down. */
async function hanging() {
  const sockets = new Set<Socket>();
  let isBack = false;
  const answer = (socket: Socket): void =>
    void socket.end("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
  const server = createTcp((socket) => {
    socket.on("error", () => undefined);
    sockets.add(socket);
    if (isBack) answer(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    ask: async (signal: AbortSignal) => {
      const answered = await request(`http://127.0.0.1:${port}/`, { signal });
      await answered.body.dump();
    },
    comeBack: () => {
      isBack = true;
      for (const socket of sockets) answer(socket);
    },
  };
}
