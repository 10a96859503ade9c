import type { Verdict } from "../domain/verdict.ts";
import { expect, it } from "vitest";

import { HandClock } from "../../test/support/clock.ts";
import type { Observation } from "../domain/observation.ts";
import type { Probe } from "../ports/probe.ts";
import { createMemorySamples } from "../storage/memory/index.ts";
import { createBoard } from "./board.ts";
import { createHaste } from "./haste.ts";
import { runSampler } from "./sampler.ts";

const START = 1_000_000_000_000;
/** A probe that notes when it looked; `up` is what it finds. */
async function watch(everyMs: number, retryEveryMs: number, up: number) {
  const clock = new HandClock(START);
  const looks: number[] = [];
  const end = new AbortController();
  const probe: Probe = {
    target: "api",
    name: "http",
    kind: "http",
    look: async (): Promise<readonly [Observation]> => {
      looks.push(clock.now() - START);
      return [{ target: "api", probe: "http", ts: clock.now(), tookMs: 0, values: { up } }];
    },
    close: () => Promise.resolve(),
  };
  const haste = createHaste(clock);
  const failing = up === 0;
  const running = runSampler({
    probes: [{ probe, rhythm: { everyMs, retryEveryMs } }],
    board: createBoard(START, () => ({
      judge: () => [judged(clock.now(), failing)],
      overdue: () => [],
      learn: () => {},
    })),
    dispatcher: {
      judge: (look: () => readonly Verdict[]) => Promise.resolve(look()),
    } as never,
    samples: createMemorySamples(),
    clock,
    haste,
    signal: end.signal,
    onObservation: () => undefined,
    onError: (error) => {
      throw error;
    },
  });
  await clock.pass(0);
  const stop = async (): Promise<void> => {
    end.abort();
    await running;
  };
  return { clock, haste, looks, stop };
}

function judged(at: number, failing: boolean) {
  const evidence = {
    detector: "consecutive",
    failures: failing ? 1 : 0,
    successes: 0,
    unknowns: 0,
    openAfter: 3,
    closeAfter: 2,
  };
  const state = failing ? ("inconclusive" as const) : ("healthy" as const);
  const signal = { target: "api", probe: "http", name: "up" };
  const verdict = { signal, at, state, before: state, onset: null, failing, evidence };
  return { opens: "service-down", key: "api|http|up", verdict };
}

it("brings the next look forward", async () => {
  const { clock, haste, looks, stop } = await watch(60_000, 20_000, 1);
  await clock.pass(30_000);
  haste.hurry("api");
  await clock.pass(10);
  expect(looks).toEqual([0, 30_000]);
  await clock.pass(60_000);
  expect(looks).toEqual([0, 30_000, 90_000]);
  await stop();
});

it("concerns nobody else", async () => {
  const { clock, haste, looks, stop } = await watch(60_000, 20_000, 1);
  haste.hurry("postgres");
  await clock.pass(59_000);
  expect(looks).toEqual([0]);
  await stop();
});

it("makes at most one look a second in a storm", async () => {
  const { clock, haste, looks, stop } = await watch(60_000, 20_000, 1);
  for (let passed = 0; passed < 5_000; passed += 10) {
    haste.hurry("api");
    await clock.pass(10);
  }
  expect(looks).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000].slice(0, looks.length));
  expect(looks.length).toBeGreaterThanOrEqual(5);
  await stop();
});

it("does not shorten the time that so many failures in a row must take", async () => {
  const { clock, haste, looks, stop } = await watch(60_000, 20_000, 0);
  for (let passed = 0; passed < 30_000; passed += 500) {
    haste.hurry("api");
    await clock.pass(500);
  }
  expect(looks).toEqual([0, 20_000]);
  await stop();
});

it("is not lost when it comes during a look", async () => {
  const clock = new HandClock(START);
  const haste = createHaste(clock);
  const times = haste.times("api");
  haste.hurry("api");
  let woken = 0;
  const nap = { target: "api", times, soonest: START + 1_000, due: START + 60_000 };
  void haste.sleep(nap, new AbortController().signal).then(() => (woken = clock.now()));
  await clock.pass(30_000);
  expect(woken).toBe(START + 1_000);
});
