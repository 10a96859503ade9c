import type { AnswerKind, OrderKind } from "../../src/domain/order.ts";
import { MINUTE_MS, SECOND_MS, type Millis } from "../../src/domain/time.ts";
import type { Asks, Leave, Remedy } from "./config.ts";
import { createRandom, type Random } from "./random.ts";
import type { Haze, Mishap } from "./railway.ts";
import type { Ailment } from "./services.ts";
import type { SlackMishap } from "./slack.ts";

interface Span {
  readonly from: Millis;
  readonly to: Millis;
}

/** Where the daemon may be at the moment of its death: on either side of something it waits for. */
export const POINTS = [
  "commit",
  "started",
  "mutation",
  "railway",
  "switch",
  "mark",
  "slack",
  "look",
  "clock",
] as const;
export type Point = (typeof POINTS)[number];

/** A death: at the `nth` time after `from` that the daemon is at the point. */
export interface Death {
  readonly from: Millis;
  readonly point: Point;
  readonly moment: "before" | "after";
  readonly nth: number;
  readonly downMs: Millis;
}

/** A person's answer to whatever waits for one, so long after they were asked. Each question is answered by the next reply of the plan. */
export interface Reply {
  readonly afterMs: Millis;
  readonly answer: AnswerKind;
  /** They have an old message before them: what was asked about first, whatever became of it. */
  readonly isToOld: boolean;
  /** How long it lies about before the daemon can read it. */
  readonly lateMs: Millis;
  /** It is said once more after so long. */
  readonly againMs: Millis | null;
  /** So long after it the daemon's clock is `ms` ahead for a while. */
  readonly leap: { readonly afterMs: Millis; readonly ms: Millis; readonly lastsMs: Millis } | null;
  /** `at-once`: the daemon dies before it hears it, and the next one does. Else where it dies, counted from the answer. */
  readonly death: "at-once" | Omit<Death, "from"> | null;
}

/** Everything that happens to the daemon in one run. Times are counted from its beginning. */
export interface Plan {
  readonly seed: number;
  readonly leave: Leave;
  /** Where it is to suggest only: what waits for a person. */
  readonly asks: Asks;
  /** What the runbook of a dead database does: as shipped, or an act on releases or replicas, with deploys on push frozen before it. */
  readonly remedy: Remedy;
  /** One act in an hour, over everything. */
  readonly isTight: boolean;
  readonly grainMs: Millis;
  readonly ailments: readonly {
    readonly at: Millis;
    readonly target: string;
    readonly ailment: Ailment;
    /** When it goes by itself. */
    readonly lastsMs: Millis;
  }[];
  readonly railway: readonly (Span & {
    readonly share: number;
    readonly mishaps: readonly Mishap[];
  })[];
  readonly haze: readonly (Span & { readonly haze: Partial<Haze> })[];
  readonly slack: readonly (Span & {
    readonly share: number;
    readonly mishaps: readonly SlackMishap[];
  })[];
  /** Looks at this target say nothing. */
  readonly blind: readonly (Span & { readonly target: string })[];
  /** The journal cannot be written. */
  readonly store: readonly Span[];
  /** The app's switches cannot be reached. */
  readonly switches: readonly Span[];
  readonly jumps: readonly { readonly at: Millis; readonly ms: Millis }[];
  readonly deaths: readonly Death[];
  /** Somebody asks it to stop; the next one starts after `downMs`. */
  readonly stops: readonly { readonly at: Millis; readonly downMs: Millis }[];
  readonly pauses: readonly (Span & { readonly includingUndo: boolean })[];
  /** Somebody else restarts a service. */
  readonly strangers: readonly { readonly at: Millis; readonly target: string }[];
  /** A person's word about the incident that is open then. */
  readonly orders: readonly { readonly at: Millis; readonly order: OrderKind }[];
  /** Who calls an incident over says it a second time soon after. */
  readonly insists: boolean;
  readonly replies: readonly Reply[];
  /** From the moment at which something is asked for in this slot, looks at its target say nothing for so long. */
  readonly veils: readonly { readonly slot: "contain" | "remedy"; readonly forMs: Millis }[];
}

/** From then on nothing goes wrong any more, and a person has repaired what Signalman could not. */
export const CALM_FROM: Millis = 6 * MINUTE_MS;
/** By then everything has had the time to end. */
export const END: Millis = 40 * MINUTE_MS;

const TARGETS = ["api", "postgres", "redis"] as const;

/** What the seed has in store. Each part has a stream of its own, so that a change of one leaves the others as they are. */
export function planOf(seed: number): Plan {
  const random = createRandom(`plan ${seed}`);
  /** None in most runs: where everything goes wrong at once nothing is ever done, and nothing is tried. */
  const some = <T>(name: string, share: number, most: number, make: (random: Random) => T) => {
    const own = random.fork(name);
    const length = own.chance(share) ? own.int(1, most) : 0;
    return Array.from({ length }, () => make(own));
  };
  const first = random.fork("first");
  const leave = first.pick<Leave>([
    "auto",
    "auto",
    "auto",
    "auto",
    "auto",
    "suggest",
    "shadow",
    "restart-only",
  ]);
  const ailing = ailment(random.fork("ailment"), 10, 50);
  return {
    seed,
    leave: leave === "auto" && random.fork("cautious").chance(0.2) ? "suggest" : leave,
    asks: random.fork("asks").pick(["everything", "everything", "remedy", "contain"]),
    remedy: first.pick(["restart", "restart", "restart", "rollback", "redeploy", "scale"]),
    isTight: random.fork("tight").chance(0.3),
    grainMs: first.pick([500, 2_000, 5_000, 5_000, 5_000, 5_000]),
    ailments: [
      ailing,
      // The same again, soon after it was well.
      ...some("relapses", 0.3, 2, (own) => ({ ...ailing, at: seconds(own, 130, 330) })),
      ...some("ailments", 0.5, 2, (own) => ailment(own, 30, 240)),
    ],
    railway: some("railway", 0.6, 3, (own) => ({
      ...span(own),
      share: own.pick([0.3, 0.6, 1]),
      mishaps: own.pick(RAILWAY_MOODS),
    })),
    haze: some("haze", 0.3, 2, (own) => ({ ...span(own), haze: hazeOf(own) })),
    slack: some("slack", 0.4, 2, (own) => ({
      ...span(own),
      share: own.pick([0.3, 1]),
      mishaps: own.pick([
        ["429"],
        ["500"],
        ["hang"],
        ["lost"],
        ["refused"],
        ["429", "lost"],
      ] as const),
    })),
    blind: some("blind", 0.15, 1, (own) => ({ ...span(own), target: own.pick(TARGETS) })),
    store: some("store", 0.2, 1, (own) => span(own, own.int(5, 60))),
    switches: some("switches", 0.2, 1, (own) => span(own)),
    jumps: some("jumps", 0.3, 2, (own) => ({
      at: seconds(own, 30, 350),
      ms: own.pick([-90, -20, -5, -1, 1, 5, 20, 90]) * SECOND_MS,
    })),
    deaths: some("deaths", 0.6, 3, deathOf),
    stops: some("stops", 0.15, 1, (own) => ({
      at: seconds(own, 60, 350),
      downMs: own.pick([1, 10, 60]) * SECOND_MS,
    })),
    pauses: some("pauses", 0.12, 1, (own) => ({ ...span(own), includingUndo: own.chance(0.3) })),
    strangers: some("strangers", 0.12, 1, (own) => ({
      at: seconds(own, 60, 350),
      target: own.pick(TARGETS),
    })),
    orders: some("orders", 0.12, 1, (own) => ({
      at: seconds(own, 120, 350),
      order: own.pick(["ack", "take", "resolve", "silence"] as const),
    })),
    insists: random.fork("insists").chance(0.5),
    replies: some("replies", 0.85, 6, replyOf),
    veils: some("veils", 0.1, 1, (own) => ({
      slot: own.pick(["contain", "remedy", "remedy"] as const),
      forMs: seconds(own, 20, 120),
    })),
  };
}

const RAILWAY_MOODS: readonly (readonly Mishap[])[] = [
  ["silence-after"],
  ["late"],
  ["429"],
  ["403", "403-after"],
  ["502", "502-after"],
  ["reset", "reset-after"],
  ["500-after"],
  ["silence", "silence-after", "late", "502-after"],
  ["refused"],
];

function ailment(random: Random, from: number, to: number): Plan["ailments"][number] {
  const cure = random.pick(["restart", "restart", "restart", "time", "never", "release"] as const);
  return {
    at: seconds(random, from, to),
    target: random.pick(["api", "postgres", "postgres", "redis"]),
    ailment: { how: random.pick(["dead", "dead", "hung", "wrong"]), cure },
    lastsMs: cure === "time" ? seconds(random, 10, 300) : Infinity,
  };
}

function hazeOf(random: Random): Partial<Haze> {
  return random.pick<() => Partial<Haze>>([
    () => ({ latestLagMs: seconds(random, 5, 60) }),
    () => ({ lagMs: seconds(random, 2, 20) }),
    () => ({ hides: new Set(["executions"]) }),
    () => ({ hides: new Set(["executions", "instances", "statusUpdatedAt"]) }),
    () => ({ hides: new Set(["platformStatus"]) }),
    () => ({ isInTrouble: true }),
  ])();
}

function deathOf(random: Random): Death {
  const point = random.pick(["started", "started", "mutation", "mutation", ...POINTS] as const);
  const most = { look: 200, clock: 3_000, commit: 40, railway: 30, switch: 6, mark: 8, slack: 4 };
  return {
    from: seconds(random, 20, 240),
    point,
    moment: random.pick(["before", "after"]),
    nth: random.int(1, point in most ? most[point as keyof typeof most] : 1),
    downMs: random.pick([0, 1, 5, 30, 120]) * SECOND_MS,
  };
}

function replyOf(random: Random): Reply {
  const isLeaping = random.chance(0.15);
  const { from: _, ...death } = deathOf(random);
  return {
    afterMs: random.chance(0.7) ? seconds(random, 1, 30) : seconds(random, 30, 240),
    answer: random.pick(["approve", "approve", "approve", "reject"]),
    isToOld: random.chance(0.15),
    lateMs: random.pick([0, 0, 0, 3, 30, 120]) * SECOND_MS,
    againMs: random.chance(0.2) ? seconds(random, 1, 30) : null,
    leap: isLeaping
      ? { afterMs: seconds(random, 0, 30), ms: 6 * MINUTE_MS, lastsMs: seconds(random, 20, 120) }
      : null,
    death: random.pick(["at-once", { ...death, nth: random.int(1, 4) }, null, null, null, null]),
  };
}

function span(random: Random, lengthSeconds = random.int(20, 400)): Span {
  const from = seconds(random, 0, 300);
  return { from, to: Math.min(from + lengthSeconds * SECOND_MS, CALM_FROM) };
}

function seconds(random: Random, from: number, to: number): Millis {
  return random.int(from * 10, to * 10) * 100;
}
