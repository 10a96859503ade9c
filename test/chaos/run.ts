import type { Config } from "../../src/config/config.ts";
import type { Millis } from "../../src/domain/time.ts";
import { configFor } from "./config.ts";
import { checkAtEnd, createWatch, type Watch } from "./invariants.ts";
import { beginLife, type Life } from "./life.ts";
import { CALM_FROM, END, planOf, type Death, type Plan, type Point } from "./plan.ts";
import { takeOverClocks } from "./time.ts";
import { createWorld, type World } from "./world.ts";

export interface Violation {
  readonly rule: string;
  readonly text: string;
  readonly at: Millis;
}

export interface Outcome {
  readonly seed: number;
  readonly plan: Plan;
  readonly violations: readonly Violation[];
  /** What the run consisted of, to see that runs are about something. */
  readonly counts: { readonly [what: string]: number };
}

export type Tell = (at: Millis, who: string, text: string) => void;

/** Plays one seed to its end. `tell` hears the story of it. */
export async function run(seed: number, tell?: Tell): Promise<Outcome> {
  const plan = planOf(seed);
  const config = await configFor(plan);
  const violations: Violation[] = [];
  const watch = createWatch(config, () => world);
  const world: World = createWorld(plan, {
    note: (at, who, text) => tell?.(at, who, text),
    blame: (rule, text) => {
      violations.push({ rule, text, at: world.time.elapsed });
      tell?.(world.time.elapsed, "BROKEN", `${rule}: ${text}`);
    },
    onMutation: (mutation) => watch.mutation(mutation),
    onCommit: (entry) => watch.entry(entry),
  });
  const { fetch } = globalThis;
  const giveBack = takeOverClocks(world.time);
  try {
    const lives = liveOn(world, config);
    await world.time.flow(END, quietness(world, watch));
    lives.end();
    await checkAtEnd(world);
    return {
      seed,
      plan,
      violations,
      counts: {
        ...watch.counts(),
        lives: lives.count(),
      },
    };
  } finally {
    giveBack();
    globalThis.fetch = fetch;
  }
}

/** Says when everything has ended and nothing has happened for a while. */
function quietness(world: World, watch: Watch): () => boolean {
  const { time, store } = world;
  let checkAt: Millis = CALM_FROM + QUIET_MS;
  let waiting = 1;
  return () => {
    if (time.elapsed < checkAt) return false;
    checkAt = time.elapsed + CHECK_MS;
    const { signal } = new AbortController();
    void store.undelivered(1, signal).then((left) => (waiting = left.length));
    const last = world.entries.at(-1)?.at ?? 0;
    return waiting === 0 && time.elapsed - last > QUIET_MS && watch.isOver();
  };
}

const QUIET_MS: Millis = 60_000;
const CHECK_MS: Millis = 10_000;

/** One life after the other: each ends as the plan says, and the next one finds only the books. */
function liveOn(world: World, config: Config): { count(): number; end(): void } {
  const { plan, time, note } = world;
  const left = new Map<Death, number>(plan.deaths.map((death) => [death, death.nth]));
  let count = 0;
  let present: Life | null = null;
  let downMs: Millis = 0;
  let isOver = false;

  const fate = (point: Point, moment: Death["moment"]): boolean => {
    if (time.elapsed >= CALM_FROM) return false;
    for (const [death, times] of left) {
      if (death.point !== point || death.moment !== moment || time.elapsed < death.from) continue;
      left.set(death, times - 1);
      if (times > 1) continue;
      left.delete(death);
      downMs = death.downMs;
      note("world", `the daemon dies ${moment} ${point}`);
      return true;
    }
    return false;
  };
  const begin = async (): Promise<void> => {
    count += 1;
    present = null;
    note("world", `life ${count} begins`);
    const life = await beginLife(world, config, { fate, onDeath: next });
    if (!life.isDead()) present = life;
  };
  const next = (): void => {
    if (isOver) return;
    present = null;
    time.after(downMs, () => void begin());
  };
  for (const stop of plan.stops)
    time.after(stop.at, () => {
      if (present === null) return;
      note("world", "the daemon is asked to stop");
      downMs = stop.downMs;
      void present.stop();
    });
  for (const { at, order } of plan.orders)
    time.after(at, () => {
      const open = [...world.entries]
        .reverse()
        .find(({ entry }) => entry.decision.incident !== null)?.entry.decision.incident;
      if (open === undefined || open === null) return;
      note("person", `${order} ${open}`);
      const forMs = order === "silence" ? { forMs: 600_000 } : {};
      world.orders.push({
        id: `order-${at}`,
        order,
        incident: open,
        by: "ann (simulation)",
        ...forMs,
      });
    });
  void begin();
  return {
    count: () => count,
    end: () => {
      isOver = true;
      present?.die();
    },
  };
}
