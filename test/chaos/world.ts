import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";

import type { Attempt } from "../../src/domain/attempt.ts";
import type { Pause } from "../../src/domain/pause.ts";
import type { Order } from "../../src/domain/order.ts";
import type { Observation } from "../../src/domain/observation.ts";
import { problem } from "../../src/domain/problem.ts";
import type { Millis } from "../../src/domain/time.ts";
import type { Entry } from "../../src/domain/world.ts";
import type { Sample } from "../../src/domain/sample.ts";
import type { Probe } from "../../src/ports/probe.ts";
import type { SampleStore } from "../../src/ports/store.ts";
import { createMemoryStore } from "../../src/storage/memory/index.ts";
import { createSwitches, SWITCH_PATH, type Switches } from "./guarded.ts";
import { CALM_FROM, type Plan } from "./plan.ts";
import { createRandom } from "./random.ts";
import { createRailway, type Haze, type Mutation, type Railway } from "./railway.ts";
import { fallIll, isWell, recover, restart, type Service } from "./services.ts";
import { createSlack, type Slack } from "./slack.ts";
import { VirtualTime } from "./time.ts";
import type { Asked, Said } from "./wire.ts";

/** One look as the world gave it: what the daemon could know. */
export interface Look {
  readonly at: Millis;
  readonly target: string;
  readonly probe: string;
  readonly up: number | null | undefined;
}

/** What a person said, and when. */
export interface Word {
  readonly at: Millis;
  /** From then on the daemon can read it. */
  readonly arrivesAt: Millis;
  readonly order: Order;
}

/** Everything around the daemon, and the record of what it did there. */
export interface World {
  readonly plan: Plan;
  readonly time: VirtualTime;
  readonly serviceOf: (target: string) => Service;
  readonly railway: Railway;
  readonly switches: Switches;
  readonly slack: Slack;
  readonly store: ReturnType<typeof createMemoryStore>;
  readonly samples: SampleStore;
  /** On whose behalf something is asked for: the attempt that is being performed. */
  readonly performing: AsyncLocalStorage<string>;
  readonly looks: readonly Look[];
  /** What people said and the daemon has not taken yet. */
  readonly orders: Order[];
  /** Everything that people ever said. */
  readonly words: readonly Word[];
  readonly entries: readonly { readonly at: Millis; readonly entry: Entry }[];
  pause: Pause | null;
  readonly note: (who: string, text: string) => void;
  /** Something that must never be. */
  readonly blame: (rule: string, text: string) => void;
  look(probe: Probe, signal: AbortSignal): Promise<readonly Observation[]>;
  /** A person says something, which lies about for `lateMs` before the daemon can read it. */
  say(order: Order, lateMs?: Millis): void;
  carry(asked: Asked, attempt: string | null): Promise<Said>;
  committed(entry: Entry): void;
  canWrite(): boolean;
}

/** Where the remedy is an act on code, the "database" is what runs code, and nobody guards the app. */
function serviceNameOf(target: string, { remedy }: Plan): string {
  const isAsShipped = remedy === "restart";
  if (target === "api") return isAsShipped ? "tradesense-backend" : "elsewhere";
  if (target === "postgres") return isAsShipped ? "Postgres" : "tradesense-backend";
  return "Redis";
}

export function createWorld(
  plan: Plan,
  hears: {
    readonly note: (at: Millis, who: string, text: string) => void;
    readonly blame: (rule: string, text: string) => void;
    readonly onMutation: (mutation: Mutation) => void;
    /** A switch of the app was told to be on. */
    readonly onSwitch: (name: string, attempt: string | null) => void;
    readonly onCommit: (entry: Entry) => void;
  },
): World {
  const time = new VirtualTime(plan.grainMs);
  const epoch = time.now();
  const random = createRandom(`world ${plan.seed}`);
  const luck = random.fork("luck");
  const looks: Look[] = [];
  const words: Word[] = [];
  /** Until when looks at a target say nothing because something was asked for. */
  const veiled = new Map<string, Millis>();
  const veils = new Set(plan.veils);
  const entries: { at: Millis; entry: Entry }[] = [];
  const within = ({ from, to }: { from: Millis; to: Millis }): boolean =>
    time.elapsed >= from && time.elapsed < to;
  const mood = <T>(
    spans: readonly { from: Millis; to: Millis; share: number; mishaps: readonly T[] }[],
  ): T | null => {
    const span = spans.find(within);
    return span !== undefined && luck.chance(span.share) ? luck.pick(span.mishaps) : null;
  };
  const note = (who: string, text: string): void => hears.note(time.elapsed, who, text);

  const railway = createRailway({
    time,
    random: random.fork("railway"),
    mishap: (isMutation) => {
      const mishap = mood(plan.railway);
      if (isMutation || mishap === null) return mishap;
      // A question that is carried out late or twice is only a question without an answer.
      return mishap === "late" ? null : mishap;
    },
    onMutation: (mutation) => {
      const { operation, service, attempt, mishap } = mutation;
      note(
        "railway",
        `${operation} of ${service} for ${attempt ?? "nobody"} (${mishap ?? "well"})`,
      );
      hears.onMutation(mutation);
    },
  });
  const switches = createSwitches(time);
  const slack = createSlack(
    time,
    () => mood(plan.slack),
    (text) => note("slack", text.split("\n")[0] ?? ""),
  );
  const serviceOf = (target: string): Service => {
    const service = railway.services[serviceNameOf(target, plan)];
    if (service === undefined) throw new Error(`no service for ${target}`);
    return service;
  };

  const finding = async (
    probe: Probe,
    signal: AbortSignal,
  ): Promise<Pick<Observation, "values" | "problem" | "processStart">> => {
    const isVeiled = time.elapsed < (veiled.get(probe.target) ?? 0);
    if (isVeiled || plan.blind.some((span) => span.target === probe.target && within(span)))
      return { values: { up: null }, problem: problem("own-network") };
    const service = serviceOf(probe.target);
    const isAnswering = time.elapsed >= service.answersFrom && service.ailment?.how !== "dead";
    const isSick = (target: string): boolean => !isWell(serviceOf(target), time.elapsed);
    if (probe.kind === "prometheus") {
      if (!isAnswering || service.ailment?.how === "hung")
        return { values: { requests: null, failed: null }, problem: problem("connection-refused") };
      return {
        values: { requests: 40, failed: service.ailment === null ? 0 : 12 },
        processStart: epoch + service.startedAt,
      };
    }
    if (!isAnswering) return { values: { up: 0 }, problem: problem("connection-refused") };
    if (service.ailment?.how === "hung") {
      await Promise.race([time.latency(3_000), once(signal, "abort")]);
      return { values: { up: 0 }, problem: problem("timeout") };
    }
    if (service.ailment?.how === "wrong" && probe.kind === "http")
      return { values: { up: 0 }, problem: problem("unexpected-status", "HTTP 500") };
    if (service.ailment !== null)
      return { values: { up: 0 }, problem: problem("connection-reset") };
    if (probe.kind === "http" && (isSick("postgres") || isSick("redis")))
      return { values: { up: 0 }, problem: problem("unexpected-body", "status is unhealthy") };
    return { values: { up: 1 } };
  };

  const veil = ({ slot, target }: Attempt): void => {
    if (time.elapsed >= CALM_FROM) return;
    for (const one of veils) {
      if (one.slot !== slot || !veils.delete(one)) continue;
      note("world", `looks at ${target} say nothing for ${one.forMs / 1_000} s`);
      veiled.set(target, Math.min(time.elapsed + one.forMs, CALM_FROM));
    }
  };

  const world: World = {
    plan,
    time,
    serviceOf,
    railway,
    switches,
    slack,
    store: createMemoryStore(),
    samples: createSamples(),
    performing: new AsyncLocalStorage(),
    looks,
    entries,
    orders: [],
    words,
    pause: null,
    note,
    blame: hears.blame,
    say(order, lateMs = 0) {
      const about = "attempt" in order ? order.attempt : order.incident;
      note("person", `${order.order} ${about}`);
      words.push({ at: time.elapsed, arrivesAt: time.elapsed + lateMs, order });
      if (lateMs === 0) world.orders.push(order);
      else time.after(lateMs, () => void world.orders.push(order));
    },
    async look(probe, signal) {
      const found = await finding(probe, signal);
      const { target, name } = probe;
      looks.push({ at: time.elapsed, target, probe: name, up: found.values.up });
      return [{ target, probe: name, ts: time.now(), tookMs: 0, ...found }];
    },
    async carry(asked, attempt) {
      if (asked.url.hostname === "railway.test") return railway.ask(asked, attempt);
      if (asked.url.hostname === "status.test")
        return { kind: "answer", status: 503, body: "down" };
      if (asked.url.pathname !== SWITCH_PATH) return { kind: "answer", status: 404, body: "" };
      await time.latency(20);
      const { ailment } = serviceOf("api");
      if (plan.switches.some(within) || ailment?.how === "dead") return { kind: "refused" };
      if (ailment?.how === "hung") return { kind: "silence" };
      const said = switches.take(asked);
      if (asked.method !== "PUT") return said;
      const { switch: name, value } = JSON.parse(asked.body) as { switch: string; value: boolean };
      if (value) hears.onSwitch(name, attempt);
      note("app", `${asked.body} → ${said.kind === "answer" ? said.status : said.kind}`);
      return said;
    },
    committed(entry) {
      entries.push({ at: time.elapsed, entry });
      for (const change of entry.decision.changes)
        if (change.table === "attempts" && change.row.state === "planned") veil(change.row);
      hears.onCommit(entry);
    },
    canWrite: () => !plan.store.some(within),
  };
  schedule(world);
  return world;
}

/** What was seen, which outlives the daemon as its file does. In the order in which it came, which is that of time here. */
function createSamples(): SampleStore {
  const rows: Sample[] = [];
  return {
    append: async (samples) => void rows.push(...samples),
    async *between(from, to) {
      const found = rows.filter(({ ts }) => ts >= from && ts <= to);
      if (found.length > 0) yield found.sort((a, b) => a.ts - b.ts);
    },
    close: () => Promise.resolve(),
  };
}

/** Sets off everything of the plan that happens by itself. */
function schedule(world: World): void {
  const { plan, time, railway, serviceOf, note } = world;
  for (const { at, target, ailment, lastsMs } of plan.ailments) {
    time.after(at, () => {
      if (serviceOf(target).ailment !== null) return;
      note("world", `${target} is ${ailment.how}, cure: ${ailment.cure}`);
      fallIll(serviceOf(target), ailment, time.elapsed);
    });
    if (lastsMs < Infinity)
      time.after(at + lastsMs, () => {
        if (serviceOf(target).ailment !== ailment) return;
        note("world", `${target} is well again by itself`);
        recover(serviceOf(target), time);
      });
  }
  for (const { at, ms } of plan.jumps)
    time.after(at, () => {
      note("world", `the daemon's clock jumps by ${ms / 1_000} s`);
      time.jump(ms);
    });
  for (const { at, target } of plan.strangers)
    time.after(at, () => {
      note("world", `somebody else restarts ${target}`);
      void restart(serviceOf(target), time);
    });
  for (const { from, to, haze } of plan.haze) {
    const before: Haze = { ...railway.haze };
    time.after(from, () => {
      note("world", `Railway's picture is ${Object.keys(haze).join()}`);
      Object.assign(railway.haze, haze);
    });
    time.after(to, () => void Object.assign(railway.haze, before));
  }
  for (const { from, to, includingUndo } of plan.pauses) {
    time.after(from, () => {
      note("person", "pause");
      world.pause = { by: "ann", since: time.now(), target: null, includingUndo };
    });
    time.after(to, () => {
      note("person", "resume");
      world.pause = null;
    });
  }
  time.after(CALM_FROM, () => {
    note("world", "calm: everything is repaired");
    // The clock too: with one that stays minutes wrong no app believes a signature.
    time.jump(-time.skew);
    for (const service of Object.values(railway.services)) recover(service, time);
  });
}
