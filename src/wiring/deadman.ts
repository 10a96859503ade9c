import { Agent, request } from "undici";

import { problem, type Problem } from "../domain/problem.ts";
import { MINUTE_MS, SECOND_MS } from "../domain/time.ts";
import { type Beat, createPulse, type Pulse, runDeadman } from "../engine/deadman.ts";
import type { Dispatcher } from "../engine/dispatcher.ts";
import type { Lifecycle } from "../engine/lifecycle.ts";
import type { AppParts } from "./parts.ts";

/** So long a loop may take for a turn: some wait for a call under its own deadline. */
const TURN_MS = MINUTE_MS;

/** What must go on for the dead man to be told that all is well. Looks are as rare as the fastest probe makes them. */
export function pulseOf({ config, clock }: AppParts): Pulse {
  const rhythms = config.targets.flatMap(({ probes }) =>
    probes.map(({ everyMs, timeoutMs }) => 2 * everyMs + timeoutMs),
  );
  const looks = Math.max(TURN_MS, Math.min(...rhythms));
  return createPulse(clock, { looks, timekeeper: TURN_MS, executor: TURN_MS });
}

/** Calls the address of the configuration as long as there is progress; without an address nobody is called. */
export async function watchDeadman(
  parts: AppParts,
  of: {
    readonly dispatcher: Dispatcher;
    readonly pulse: Pulse;
    readonly unready: () => readonly string[];
    readonly lifecycle: Lifecycle;
    readonly signal: AbortSignal;
    readonly onError: (error: unknown) => void;
  },
): Promise<void> {
  const { config, clock, log, store } = parts;
  const { deadman } = config;
  if (deadman === null) return;
  const { dispatcher, pulse, unready, signal, onError } = of;
  const agent = new Agent({ connect: { timeout: 5 * SECOND_MS } });
  of.lifecycle.onStop("dead man", () => agent.destroy());
  await runDeadman({
    everyMs: deadman.everyMs,
    pulse,
    clock,
    signal,
    onError,
    unready,
    tryWrite: async () => {
      const known = dispatcher.trouble();
      if (known !== null) return known;
      const tried = await store.commit([], signal);
      return tried.kind === "failed" ? tried.problem : null;
    },
    summary: () => {
      const { seq, incidents, marks } = dispatcher.world();
      const open = Object.values(incidents).filter(({ closedAt }) => closedAt === null).length;
      const isPaused = (marks.pause ?? null) !== null;
      return [`journal ${seq}, open incidents ${open}${isPaused ? ", paused" : ""}`];
    },
    send: (beat, until) => call(deadman.url, beat, until, agent),
    onBeat: (beat, why) => {
      if (beat === null) log.error({ why }, "the dead man is not called: there is no progress");
      else if (why.length > 0) log.warn({ why }, "the dead man could not be called");
      else if (beat.kind === "fail") log.warn({ text: beat.text }, "the dead man was told of it");
      else log.debug("the dead man was called");
    },
  });
}

/** In the manner of healthchecks.io: `/fail` behind the path says that it is not well. Its address is a secret and never told. */
async function call(
  url: string,
  { kind, text }: Beat,
  signal: AbortSignal,
  dispatcher: Agent,
): Promise<Problem | null> {
  const place = new URL(url);
  if (kind === "fail") place.pathname = `${place.pathname.replace(/\/$/, "")}/fail`;
  try {
    const answer = await request(place, { method: "POST", body: text, signal, dispatcher });
    await answer.body.dump();
    if (answer.statusCode < 300) return null;
    return problem("unexpected-status", `it answered HTTP ${answer.statusCode}`);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "no answer";
    return problem("connection-reset", `it could not be reached (${code})`);
  }
}
