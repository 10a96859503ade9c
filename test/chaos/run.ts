import type { Config } from "../../src/config/config.ts";
import type { Millis } from "../../src/domain/time.ts";
import { configFor } from "./config.ts";
import { checkAtEnd, createWatch, type Watch } from "./invariants.ts";
import { beginLife, type Life } from "./life.ts";
import { CALM_FROM, END, planOf, type Death, type Plan, type Point } from "./plan.ts";
import { createPeople, type People } from "./people.ts";
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
    onSwitch: (name, attempt) => watch.switched(name, attempt),
    onCommit: (entry) => {
      watch.entry(entry);
      lives?.people.read(entry);
    },
  });
  let lives: Lives | null = null;
  const { fetch } = globalThis;
  const giveBack = takeOverClocks(world.time);
  try {
    lives = liveOn(world, config);
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

/** So long it is away when it dies at the moment of an answer. */
const ANSWERED_DOWN_MS: Millis = 5_000;
const QUIET_MS: Millis = 60_000;
const CHECK_MS: Millis = 10_000;

interface Lives {
  /** Who answers what the daemon asks. */
  readonly people: People;
  count(): number;
  end(): void;
}

/** One life after the other: each ends as the plan says, and the next one finds only the books. */
function liveOn(world: World, config: Config): Lives {
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
  const people = createPeople(world, (death) => {
    if (time.elapsed >= CALM_FROM) return;
    if (death !== "at-once") left.set({ ...death, from: time.elapsed }, death.nth);
    else if (present !== null) {
      note("world", "the daemon dies while somebody answers");
      downMs = ANSWERED_DOWN_MS;
      present.die();
    }
  });
  void begin();
  return {
    people,
    count: () => count,
    end: () => {
      isOver = true;
      present?.die();
    },
  };
}
