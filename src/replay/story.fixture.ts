import * as fc from "fast-check";

import { rulesFor } from "../../test/support/rules.ts";
import { CRASHED, paths, WELL } from "../../test/support/theatre.ts";
import { createPanel } from "../detectors/panel.ts";
import { IN_FLIGHT, UNSTARTED, type Attempt } from "../domain/attempt.ts";
import { eventId } from "../domain/ids.ts";
import type { JsonObject } from "../domain/json.ts";
import { samplesOf, type Observation, type Values } from "../domain/observation.ts";
import { SECOND_MS, type Instant } from "../domain/time.ts";
import type { Entry } from "../domain/world.ts";
import { createBoard, type Judge } from "../engine/board.ts";
import { createDispatcher, type Dispatcher } from "../engine/dispatcher.ts";
import { learnFrom } from "../engine/learning.ts";
import { inOneMoment } from "../engine/sampler.ts";
import type { Records, SampleStore } from "../ports/store.ts";
import { createMemorySamples, createMemoryStore } from "../storage/memory/index.ts";
import { mergeLines } from "./merge.ts";

const NEVER = new AbortController().signal;
export const RULES = rulesFor();

export function judgeFor(target: string, probe: string): Judge {
  return createPanel({ target, probe, opens: target === "api" ? "service-down" : "database-down" });
}

/** What a daemon lives through, one thing after the other; `afterMs` lie before it, often none. */
export type Happening = { readonly afterMs: number } & (
  | { readonly do: "look"; readonly target: "api" | "postgres"; readonly up: 0 | 1 | null }
  | { readonly do: "look-at-both"; readonly up: 0 | 1 | null }
  | { readonly do: "carry-out"; readonly saw: "up" | "down" | "unknown" }
  | { readonly do: "pause" }
  | { readonly do: "restart" }
  /** Killed after a look was decided on and before its samples were kept. */
  | { readonly do: "crash"; readonly target: "api" | "postgres"; readonly up: 0 | 1 | null }
);

export function stories({ crashes = 0 } = {}): fc.Arbitrary<readonly Happening[]> {
  const afterMs = fc.constantFrom(0, 0, 1, 400, 2_000, 10 * SECOND_MS);
  const up = fc.constantFrom<(0 | 1 | null)[]>(0, 0, 0, 1, 1, null);
  const happening = fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({
        afterMs,
        do: fc.constant("look" as const),
        target: fc.constantFrom("api" as const, "postgres" as const, "postgres" as const),
        up,
      }),
    },
    { weight: 3, arbitrary: fc.record({ afterMs, do: fc.constant("look-at-both" as const), up }) },
    {
      weight: 8,
      arbitrary: fc.record({
        afterMs,
        do: fc.constant("carry-out" as const),
        saw: fc.constantFrom("up" as const, "down" as const, "down" as const, "unknown" as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ afterMs, do: fc.constant("pause" as const) }) },
    { weight: 1, arbitrary: fc.record({ afterMs, do: fc.constant("restart" as const) }) },
    {
      weight: crashes,
      arbitrary: fc.record({
        afterMs,
        do: fc.constant("crash" as const),
        target: fc.constantFrom("api" as const, "postgres" as const),
        up,
      }),
    },
  );
  return fc.array(happening, { minLength: 10, maxLength: 120 });
}

/** The journal and the recording of a daemon that lived through the story: the real dispatcher, board and detectors. */
export async function live(
  story: readonly Happening[],
): Promise<{ readonly entries: readonly Entry[]; readonly lines: readonly string[] }> {
  const stage: Stage = {
    store: createMemoryStore(),
    samples: createMemorySamples(),
    now: 1_700_000_000_000,
  };
  let life = await begin(stage);
  for (const happening of story) {
    stage.now += happening.afterMs;
    await fireDue(stage, life);
    if (happening.do === "crash")
      await life.look([observation(stage, happening.target, happening.up)], { isKept: false });
    if (happening.do === "crash" || happening.do === "restart") {
      stage.now += STARTING_MS;
      life = await begin(stage);
    } else await happen(stage, life, happening);
  }
  const entries = await stage.store.entries({}, NEVER);
  const merged = mergeLines({
    samples: stage.samples.between(0, Infinity, NEVER),
    entries: pagesOf(entries),
    from: 0,
    to: Infinity,
  });
  const lines = (await Array.fromAsync(merged)).flat().map((line) => JSON.stringify(line));
  return { entries, lines };
}

/** No process ends and starts within milliseconds. */
const STARTING_MS = 100;

interface Stage {
  readonly store: ReturnType<typeof createMemoryStore> & Records;
  readonly samples: SampleStore;
  now: Instant;
}

interface Life {
  readonly dispatcher: Dispatcher;
  look(seen: readonly Observation[], options?: { readonly isKept: boolean }): Promise<void>;
}

async function begin(stage: Stage): Promise<Life> {
  const board = createBoard(stage.now, judgeFor, (target) => RULES.targets[target]?.needs ?? []);
  await learnFrom(stage.samples, board, NEVER);
  const dispatcher = createDispatcher({
    store: stage.store,
    rules: RULES,
    start: await stage.store.load(NEVER),
    facts: () => board.facts(),
    onTrouble: () => {},
    signal: NEVER,
  });
  const at = stage.now;
  const id = eventId("start", at, dispatcher.world().seq);
  await dispatcher.dispatch({ id, at, cause: null, type: "start", version: "test" });
  return {
    dispatcher,
    look: async (seen, { isKept } = { isKept: true }) => {
      let known = seen;
      await dispatcher.judge(() => {
        known = inOneMoment(seen, stage.now, board.facts().lookedAt);
        return board.judge(known);
      });
      if (isKept) await stage.samples.append(known.flatMap(samplesOf), NEVER);
    },
  };
}

async function happen(
  stage: Stage,
  life: Life,
  happening: Exclude<Happening, { do: "restart" | "crash" }>,
): Promise<void> {
  const { dispatcher } = life;
  const at = stage.now;
  switch (happening.do) {
    case "look":
      return life.look([observation(stage, happening.target, happening.up)]);
    case "look-at-both":
      await Promise.all([
        life.look([observation(stage, "api", happening.up)]),
        life.look([observation(stage, "postgres", happening.up)]),
      ]);
      return;
    case "carry-out":
      for (const attempt of Object.values(dispatcher.world().attempts))
        await carryOut(stage, dispatcher, attempt, happening.saw);
      return;
    case "pause": {
      const isPaused = (dispatcher.world().marks.pause ?? null) !== null;
      const pause = { by: "ann", since: at, target: null, includingUndo: false };
      const id = eventId("pause", at, dispatcher.world().seq);
      await dispatcher.dispatch({
        id,
        at,
        cause: null,
        type: "pause",
        pause: isPaused ? null : pause,
      });
    }
  }
}

function observation(stage: Stage, target: "api" | "postgres", up: 0 | 1 | null): Observation {
  const many: Values = {
    requests: 50,
    failed: up === 0 ? 30 : 0,
    latency_p95_ms: 120,
    memory_used: 3e8,
  };
  return {
    target,
    probe: target,
    ts: stage.now,
    tookMs: 3,
    values: { up, ...(target === "api" && up !== null ? many : {}) },
    processStart: 1_699_000_000_000,
    ...(up === 1
      ? {}
      : { problem: { code: up === 0 ? "connection-refused" : "tls-failed", detail: "as told" } }),
  };
}

async function fireDue(stage: Stage, { dispatcher }: Life): Promise<void> {
  const timers = Object.values(dispatcher.world().timers).sort(
    (a, b) => a.due - b.due || (a.id < b.id ? -1 : 1),
  );
  for (const { id: timer, due, generation } of timers) {
    if (due > stage.now) return;
    const id = eventId("timer", timer, generation);
    await dispatcher.dispatch({
      id,
      at: stage.now,
      cause: timer,
      type: "timer",
      timer,
      generation,
    });
  }
}

async function carryOut(
  stage: Stage,
  dispatcher: Dispatcher,
  attempt: Attempt,
  saw: "up" | "down" | "unknown",
): Promise<void> {
  const at = stage.now;
  const { id: cause, state, tries } = attempt;
  const about = { at, cause, attempt: cause };
  if (UNSTARTED.includes(state)) {
    const id = eventId("request", cause, at, dispatcher.world().seq);
    await dispatcher.dispatch({ id, ...about, type: "request", plan: { at } }, { platform: WELL });
  } else if (IN_FLIGHT.includes(state)) {
    const id = eventId("outcome", cause, "seen", tries);
    const evidence: JsonObject = { ...paths(saw), ...CRASHED };
    await dispatcher.dispatch({
      id,
      ...about,
      type: "outcome",
      state: "seen",
      evidence,
      problem: null,
    });
  }
}

async function* pagesOf(entries: readonly Entry[]): AsyncGenerator<readonly Entry[]> {
  for (let from = 0; from < entries.length; from += 7) yield entries.slice(from, from + 7);
}
