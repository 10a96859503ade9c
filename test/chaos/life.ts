import { startApp, type App } from "../../src/app.ts";
import type { Config } from "../../src/config/config.ts";
import { problem } from "../../src/domain/problem.ts";
import type { Change } from "../../src/domain/world.ts";
import type { SteadyClock } from "../../src/ports/clock.ts";
import type { Probe } from "../../src/ports/probe.ts";
import type { Store } from "../../src/ports/store.ts";
import type { Log } from "../../src/telemetry/log.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import type { Death, Point } from "./plan.ts";
import type { World } from "./world.ts";
import { Wire } from "./wire.ts";

/** One life of the daemon. When it is over nothing of it ever goes on: whatever it waits for never comes. */
export interface Life {
  readonly isDead: () => boolean;
  die(): void;
  stop(): Promise<void>;
}

/** Shared by all lives of all runs: what is counted here is not on trial. */
const metrics = createMetrics();
/** A new one each time: who waits for it is forgotten with it. */
const never = (): Promise<never> => new Promise(() => {});

export async function beginLife(
  world: World,
  config: Config,
  hears: {
    /** Dies here, of which of the plan's deaths? */
    readonly fate: (point: Point, moment: Death["moment"]) => boolean;
    readonly onDeath: () => void;
  },
): Promise<Life> {
  const { time } = world;
  let isDead = false;
  const die = (): void => {
    if (isDead) return;
    isDead = true;
    hears.onDeath();
  };
  /** Where the daemon waits for something: the dead wait for ever. */
  const at = async <T>(points: readonly Point[], work: () => Promise<T>): Promise<T> => {
    if (!isDead && points.some((point) => hears.fate(point, "before"))) die();
    if (isDead) return never();
    const result = await work();
    if (!isDead && points.some((point) => hears.fate(point, "after"))) die();
    return isDead ? never() : result;
  };

  const clock: SteadyClock = {
    now: () => time.now(),
    elapsed: () => time.elapsed,
    until: (due, signal) =>
      at(
        ["clock"],
        () =>
          new Promise((resolve, reject) => {
            if (signal.aborted) return reject(signal.reason as Error);
            const cancel = time.after(due - time.now(), () => {
              signal.removeEventListener("abort", leave);
              resolve();
            });
            const leave = (): void => {
              cancel();
              reject(signal.reason as Error);
            };
            signal.addEventListener("abort", leave, { once: true });
          }),
      ),
  };

  const wire = new Wire((asked) => {
    const attempt = world.performing.getStore() ?? null;
    const isMutation = asked.body.includes('"query":"mutation');
    const points: Point[] = asked.url.hostname === "railway.test" ? ["railway"] : ["switch"];
    return at(isMutation ? ["mutation", ...points] : points, () => world.carry(asked, attempt));
  });

  globalThis.fetch = (_url, init) =>
    at(["slack"], () => {
      const body = typeof init?.body === "string" ? init.body : "";
      const { text } = JSON.parse(body) as { text: string };
      return world.slack.post(text, init?.signal);
    });

  const app: App = await startApp({
    config,
    version: "simulation",
    store: storeOf(world, at),
    samples: world.samples,
    clock,
    log: logOf(world, () => isDead),
    metrics,
    wrapAction: (action) => ({
      ...action,
      perform: (attempt, signal) =>
        world.performing.run(attempt.id, () => action.perform(attempt, signal)),
    }),
    wrapProbe: (probe: Probe) =>
      probe.kind === "railway"
        ? { ...probe, look: (signal) => at(["look"], () => probe.look(signal)) }
        : { ...probe, look: (signal) => at(["look"], () => world.look(probe, signal)) },
    simulated: {
      agent: () => wire,
      pauseSource: { read: () => world.pause },
      orderSource: {
        read: () => [...world.orders],
        remove: (order) => {
          const place = world.orders.findIndex(({ id }) => id === order.id);
          if (place >= 0) world.orders.splice(place, 1);
        },
      },
    },
  });
  return {
    isDead: () => isDead,
    die,
    stop: async () => {
      const shiftMs = time.now() - time.elapsed;
      const left = await app.stop();
      // A wait by a clock that is set back meanwhile takes longer, and is cut off all the same.
      const isSameClock = time.now() - time.elapsed === shiftMs;
      if (left.length > 0 && !isDead && isSameClock && world.plan.grainMs <= 500)
        world.blame("stops in time", left.join("; "));
      die();
    },
  };
}

type At = <T>(points: readonly Point[], work: () => Promise<T>) => Promise<T>;

/** The books outlive the daemon. What it writes after its death is not written. */
function storeOf(world: World, at: At): Store {
  const { store } = world;
  const failed = { kind: "failed", problem: problem("store-failed", "disk full") } as const;
  return {
    load: (signal) => at([], () => store.load(signal)),
    head: (signal) => at([], () => store.head(signal)),
    commit: (commits, signal) => {
      const isStart = commits.some(({ changes }) => changes.some(begins));
      return at(isStart ? ["started", "commit"] : ["commit"], async () => {
        if (!world.canWrite()) return failed;
        const result = await store.commit(commits, signal);
        if (result.kind === "written") for (const { entry } of commits) world.committed(entry);
        return result;
      });
    },
    undelivered: (limit, signal) => at([], () => store.undelivered(limit, signal)),
    mark: (notice, state, tries, signal) =>
      at(["mark"], async () =>
        world.canWrite() ? store.mark(notice, state, tries, signal) : failed,
      ),
    close: () => Promise.resolve(),
  };
}

function begins(change: Change): boolean {
  return (
    change.table === "attempts" && change.row.state === "started" && change.row.slot !== "confirm"
  );
}

function logOf(world: World, isDead: () => boolean): Log {
  const say =
    (level: string) =>
    (first: unknown, text?: string): void => {
      if (isDead()) return;
      const words = text ?? String(first);
      if (/a loop met a bug/.test(words)) world.blame("no bug", JSON.stringify(first));
      world.note(level, `${words} ${typeof first === "string" ? "" : JSON.stringify(first)}`);
    };
  return {
    info: say("info"),
    warn: say("warn"),
    error: say("error"),
    debug: () => {},
  } as unknown as Log;
}
