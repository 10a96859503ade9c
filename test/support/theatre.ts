import { decide, meansNothing } from "../../src/core/decide.ts";
import { createDraft } from "../../src/core/draft.ts";
import { SAFEGUARDS } from "../../src/core/safeguard.ts";
import { apply, EMPTY_WORLD } from "../../src/domain/apply.ts";
import type { Attempt } from "../../src/domain/attempt.ts";
import type { Event } from "../../src/domain/event.ts";
import type { Pause } from "../../src/domain/pause.ts";
import type { Facts, PlatformFact, SignalFact } from "../../src/domain/facts.ts";
import { eventId } from "../../src/domain/ids.ts";
import type { Incident } from "../../src/domain/incident.ts";
import type { JsonObject } from "../../src/domain/json.ts";
import type { Notice } from "../../src/domain/notice.ts";
import { problem, type ProblemCode } from "../../src/domain/problem.ts";
import type { Rules } from "../../src/domain/rules.ts";
import type { VerdictState } from "../../src/domain/verdict.ts";
import type { Entry, World } from "../../src/domain/world.ts";
import { rulesFor } from "./rules.ts";

export const WELL: PlatformFact = {
  status: "well",
  statusDetail: "stable",
  obstacle: null,
  seen: {},
};

/** The inspection of a crashed database, as the action writes it. */
export const CRASHED: JsonObject = {
  inspection: {
    platform: "well",
    deployment: { status: "CRASHED", stopped: false },
    inFlight: null,
    instances: ["CRASHED"],
    volume: { state: "READY", usedShare: 0.2 },
  },
};

const OPENS: Readonly<Record<string, string>> = {
  postgres: "database-down",
  pooled: "database-down",
  redis: "redis-down",
  health: "service-down",
  errors: "unclassified",
  slowness: "unclassified",
  rates: "high-error-rate",
  leak: "memory-leak",
  slow: "high-latency",
  full: "saturation",
  crashes: "crash-loop",
  release: "rollout-regression",
};

/** Plays the world to the pure core: the test says what happens, the core says what follows. No time flows by itself. */
export class Theatre {
  now = 1_000_000;
  world: World = EMPTY_WORLD;
  readonly entries: Entry[] = [];
  readonly notices: Notice[] = [];
  readonly rules: Rules;
  watchingSince = 0;
  readonly #signals: Record<string, SignalFact> = {};

  constructor(rules: Rules = rulesFor()) {
    this.rules = rules;
  }

  dispatch(event: Event, platform?: PlatformFact): Entry | null {
    const facts: Facts = {
      watchingSince: this.watchingSince,
      signals: { ...this.#signals },
      ...(platform === undefined ? {} : { platform }),
    };
    const decision = decide(this.world, event, facts, this.rules);
    if (decision.changes.length === 0) return null;
    if (event.type === "verdict" && meansNothing(this.world, event.verdict))
      throw new Error("something follows from a verdict that is said to mean nothing");
    const entry: Entry = {
      seq: this.world.seq + 1,
      at: event.at,
      event,
      facts,
      under: { rules: this.rules.hash, runbook: null, machine: null },
      decision,
    };
    this.world = apply(this.world, entry.seq, entry.at, decision.changes);
    this.entries.push(entry);
    for (const change of decision.changes)
      if (change.table === "notices") this.notices.push(change.row);
    return entry;
  }

  pass(ms: number): this {
    this.now += ms;
    return this;
  }

  /** Fires what is due until `ms` have passed, in (due, id) order. */
  wait(ms: number): this {
    const end = this.now + ms;
    for (;;) {
      const next = Object.values(this.world.timers)
        .filter((timer) => timer.due <= end)
        .sort((a, b) => a.due - b.due || (a.id < b.id ? -1 : 1))[0];
      if (next === undefined) break;
      this.now = Math.max(this.now, next.due);
      this.dispatch({
        id: eventId("timer", next.id, next.generation),
        at: this.now,
        cause: null,
        type: "timer",
        timer: next.id,
        generation: next.generation,
      });
    }
    this.now = end;
    return this;
  }

  verdict(
    state: VerdictState,
    options: {
      probe?: string;
      target?: string;
      /** `up`, or the name of a detector. */
      name?: string;
      code?: ProblemCode;
      failing?: boolean;
      numbers?: SignalFact["numbers"];
      needsRequests?: number;
    } = {},
  ): this {
    const { probe = "postgres", target = "postgres", name = "up" } = options;
    const { code = "connection-refused" } = options;
    const key = `${target}|${probe}|${name}`;
    const isBad = state === "breached" || options.failing === true;
    const onset = isBad ? (this.#signals[key]?.onset ?? this.now - 2_000) : null;
    const failing = options.failing ?? false;
    this.#signals[key] = {
      target,
      opens: OPENS[probe] ?? "service-down",
      state,
      failing,
      at: this.now,
      onset,
      problem: state === "healthy" ? null : code,
      ...(options.numbers === undefined ? {} : { numbers: options.numbers }),
    };
    this.dispatch({
      id: eventId("verdict", key, this.now),
      at: this.now,
      cause: null,
      type: "verdict",
      verdict: {
        signal: { target, probe, name },
        at: this.now,
        state,
        before: "inconclusive",
        onset,
        failing,
        ...(options.needsRequests === undefined ? {} : { needsRequests: options.needsRequests }),
        evidence: {
          detector: "consecutive",
          failures: isBad ? 3 : 0,
          successes: isBad ? 0 : 2,
          unknowns: state === "missing" ? 3 : 0,
          openAfter: 3,
          closeAfter: 2,
          ...(state === "healthy" ? {} : { problem: problem(code) }),
        },
      },
    });
    return this.pass(100);
  }

  pause(pause: Partial<Pause> | null): this {
    this.dispatch({
      id: eventId("pause", this.now),
      at: this.now,
      cause: null,
      type: "pause",
      pause:
        pause === null
          ? null
          : { by: "ann", since: this.now, target: null, includingUndo: false, ...pause },
    });
    return this.pass(10);
  }

  /** The names of the safeguards that object to the newest attempt of this slot, as `request` would ask them. */
  objections(slot: Attempt["slot"], platform: PlatformFact = WELL): readonly string[] {
    const attempt = this.attempt(slot);
    const traits = this.rules.actions[attempt.action];
    if (traits === undefined) throw new Error(`no action "${attempt.action}"`);
    const facts = { watchingSince: this.watchingSince, signals: { ...this.#signals }, platform };
    const id = eventId("request", attempt.id, this.now);
    const event: Event = {
      id,
      at: this.now,
      cause: null,
      type: "request",
      attempt: attempt.id,
      plan: {},
    };
    const of = { draft: createDraft(this.world, event, facts, this.rules), attempt, traits };
    return SAFEGUARDS.filter((one) => one.covers(of) && one.objection(of) !== null).map(
      ({ name }) => name,
    );
  }

  /** The executor asks whether the newest attempt of this slot may start. */
  request(slot: Attempt["slot"], platform: PlatformFact = WELL, plan: JsonObject = {}): this {
    const attempt = this.attempt(slot);
    this.dispatch(
      {
        id: eventId("request", attempt.id, this.now),
        at: this.now,
        cause: attempt.id,
        type: "request",
        attempt: attempt.id,
        plan: { deploymentId: "d1", ...plan },
      },
      platform,
    );
    return this.pass(10);
  }

  outcome(
    slot: Attempt["slot"],
    state: "accepted" | "rejected" | "seen" | "not-seen" | "unknown",
    evidence: JsonObject = {},
    code?: ProblemCode,
  ): this {
    const attempt = this.attempt(slot);
    this.dispatch({
      id: eventId("outcome", attempt.id, state, attempt.tries),
      at: this.now,
      cause: attempt.id,
      type: "outcome",
      attempt: attempt.id,
      state,
      evidence,
      problem: code === undefined ? null : problem(code),
    });
    return this.pass(10);
  }

  /** From failing to the moment at which the restart is asked for. */
  untilRemedy(): this {
    return this.verdict("breached")
      .request("confirm")
      .outcome("confirm", "seen", paths("down"))
      .request("contain")
      .outcome("contain", "seen")
      .request("inspect")
      .outcome("inspect", "seen", CRASHED);
  }

  /** The same in mode shadow, where nothing contains it. */
  untilRemedyInShadow(): this {
    return this.verdict("breached")
      .request("confirm")
      .outcome("confirm", "seen", paths("down"))
      .request("contain")
      .request("inspect")
      .outcome("inspect", "seen", CRASHED);
  }

  attempt(slot: Attempt["slot"]): Attempt {
    const found = Object.values(this.world.attempts).findLast((attempt) => attempt.slot === slot);
    if (found === undefined) throw new Error(`nothing was asked for in slot ${slot}`);
    return found;
  }

  attempts(slot: Attempt["slot"]): readonly Attempt[] {
    return Object.values(this.world.attempts).filter((attempt) => attempt.slot === slot);
  }

  get incident(): Incident {
    const found = Object.values(this.world.incidents).at(-1);
    if (found === undefined) throw new Error("no incident was opened");
    return found;
  }

  get told(): readonly string[] {
    return this.notices.map((notice) => notice.kind);
  }
}

/** Evidence of a second look. */
export function paths(...saw: ("up" | "down" | "unknown")[]): JsonObject {
  return {
    paths: saw.map((one, index) => ({
      path: `path ${index}`,
      by: index === 0 ? "direct" : "dependant",
      saw: one,
      detail: "as told",
    })),
  };
}
