import { decide, meansNothing } from "../../src/core/decide.ts";
import { createPanel } from "../../src/detectors/panel.ts";
import { mulberry32, type Random } from "../../src/detectors/testing.ts";
import { apply, EMPTY_WORLD } from "../../src/domain/apply.ts";
import { IN_FLIGHT, type Attempt } from "../../src/domain/attempt.ts";
import { verdictEvent, type Event } from "../../src/domain/event.ts";
import { eventId } from "../../src/domain/ids.ts";
import type { JsonObject } from "../../src/domain/json.ts";
import type { Observation, Values } from "../../src/domain/observation.ts";
import { problem } from "../../src/domain/problem.ts";
import type { Rules } from "../../src/domain/rules.ts";
import { MINUTE_MS, SECOND_MS, type Instant } from "../../src/domain/time.ts";
import type { World } from "../../src/domain/world.ts";
import { createBoard, type Board } from "../../src/engine/board.ts";
import { paths, WELL } from "./theatre.ts";

/** How one outage of a database near a release of the API goes, all of it from a seed. */
interface Course {
  readonly releasedAt: Instant;
  readonly diesAt: Instant;
  /** Share of the API's requests that fail while its database is down, and what the release itself makes fail. */
  readonly failing: number;
  readonly badShare: number;
  /** How long PostgreSQL takes from its restart until it answers, and when it comes back by itself, if ever. */
  readonly startMs: number;
  readonly healsAt: Instant;
  /** How often a look comes to nothing. */
  readonly lost: number;
}

const CALM_MS = 20 * MINUTE_MS;
const END_MS = 75 * MINUTE_MS;

/** Plays it to the real detectors and decisions, second by second; what is asked for is carried out. Returns the last world. */
export function playOutage(seed: number, badShare: number, rules: Rules): World {
  const random = mulberry32(seed);
  const course = courseOf(random, badShare);
  const board = createBoard(
    0,
    (target, probe) =>
      createPanel({ target, probe, opens: target === "api" ? "service-down" : "database-down" }),
    (target) => rules.targets[target]?.needs ?? [],
  );
  const stage = { world: EMPTY_WORLD, board, rules, backAt: Infinity };
  const due = PROBES.map(() => Math.floor(random() * 10) * SECOND_MS);
  const isDown = (at: Instant): boolean =>
    at >= course.diesAt && at < Math.min(course.healsAt, stage.backAt);
  for (let now = 0; now < END_MS; now += SECOND_MS) {
    fireDue(stage, now);
    for (const [index, { everyMs, look }] of PROBES.entries()) {
      if (now < (due[index] ?? 0)) continue;
      due[index] = now + everyMs + Math.floor(random() * 3) * SECOND_MS;
      const seen = look({
        now,
        isDown: isDown(now),
        isLost: random() < course.lost,
        course,
        random,
      });
      for (const verdict of board.judge([seen]))
        if (!meansNothing(stage.world, verdict)) settle(stage, verdictEvent(verdict));
    }
    for (const attempt of Object.values(stage.world.attempts))
      if (random() < 0.5) carryOut(stage, attempt, now, isDown(now), course);
  }
  return stage.world;
}

function courseOf(random: Random, badShare: number): Course {
  const between = (from: number, to: number): number =>
    Math.round((from + random() * (to - from)) / SECOND_MS) * SECOND_MS;
  const releasedAt = CALM_MS + between(0, 5 * MINUTE_MS);
  const diesAt = releasedAt + between(-MINUTE_MS, 12 * MINUTE_MS);
  return {
    releasedAt,
    diesAt,
    badShare,
    failing: 0.2 + random() * 0.8,
    startMs: between(2 * SECOND_MS, MINUTE_MS),
    healsAt: random() < 0.2 ? diesAt + between(20 * SECOND_MS, 6 * MINUTE_MS) : Infinity,
    lost: random() * 0.15,
  };
}

interface Moment {
  readonly now: Instant;
  readonly isDown: boolean;
  readonly isLost: boolean;
  readonly course: Course;
  readonly random: Random;
}

const PROBES: readonly {
  readonly everyMs: number;
  readonly look: (moment: Moment) => Observation;
}[] = [
  { everyMs: 10 * SECOND_MS, look: (moment) => up("postgres", "postgres", moment) },
  { everyMs: 10 * SECOND_MS, look: (moment) => up("api", "http /health", moment) },
  { everyMs: 10 * SECOND_MS, look: (moment) => rates("prometheus /metrics", 10, moment) },
  {
    everyMs: MINUTE_MS,
    look: (moment) => ({
      ...rates("railway", 60, moment),
      deployment: moment.now < moment.course.releasedAt ? "d1@old" : "d2@new",
    }),
  },
];

function up(target: string, probe: string, { now, isDown, isLost }: Moment): Observation {
  const code = target === "api" ? "unexpected-body" : "connection-refused";
  const value = isLost ? null : isDown ? 0 : 1;
  const why = isLost
    ? { problem: problem("probe-failed") }
    : isDown
      ? { problem: problem(code) }
      : {};
  return { target, probe, ts: now, tookMs: 5, values: { up: value }, ...why };
}

/** Ten requests a second. */
function rates(
  probe: string,
  seconds: number,
  { now, isDown, isLost, course, random }: Moment,
): Observation {
  const requests = seconds * 10;
  const share = isDown ? course.failing : now >= course.releasedAt ? course.badShare : 0;
  const failed = Array.from({ length: requests }, () => random() < share).filter(Boolean).length;
  const latency_p95_ms = (isDown ? 2_000 : 100) * (0.9 + random() * 0.2);
  const values: Values = isLost
    ? { requests: null, failed: null, latency_p95_ms: null }
    : { requests, failed, latency_p95_ms };
  return { target: "api", probe, ts: now, tookMs: 5, values };
}

interface Stage {
  world: World;
  readonly board: Board;
  readonly rules: Rules;
  /** When PostgreSQL answers again after a restart. */
  backAt: Instant;
}

function settle(stage: Stage, event: Event, platform?: typeof WELL): void {
  const facts = { ...stage.board.facts(), ...(platform === undefined ? {} : { platform }) };
  const { changes } = decide(stage.world, event, facts, stage.rules);
  if (changes.length > 0) stage.world = apply(stage.world, stage.world.seq + 1, event.at, changes);
}

function fireDue(stage: Stage, at: Instant): void {
  for (const { id, due, generation } of Object.values(stage.world.timers)) {
    if (due > at) continue;
    const event = eventId("timer", id, generation);
    settle(stage, { id: event, at, cause: null, type: "timer", timer: id, generation });
  }
}

function carryOut(
  stage: Stage,
  attempt: Attempt,
  at: Instant,
  isDown: boolean,
  course: Course,
): void {
  const { id: cause, state, tries, action } = attempt;
  const about = { at, cause, attempt: cause };
  if (state === "planned" || state === "held") {
    const id = eventId("request", cause, at, stage.world.seq);
    settle(stage, { id, ...about, type: "request", plan: { deploymentId: "d2" } }, WELL);
  } else if (IN_FLIGHT.includes(state)) {
    if (action === "restart") stage.backAt = at + course.startMs;
    const evidence = { ...paths(isDown ? "down" : "up"), ...inspection(attempt, course) };
    const id = eventId("outcome", cause, "seen", tries);
    settle(stage, { id, ...about, type: "outcome", state: "seen", evidence, problem: null });
  }
}

function inspection({ target }: Attempt, { releasedAt }: Course): JsonObject {
  const status = target === "postgres" ? "CRASHED" : "SUCCESS";
  const release = { deployment: "d2", at: releasedAt, isLive: true };
  return {
    inspection: {
      platform: "well",
      deployment: { status, stopped: false },
      inFlight: null,
      instances: [target === "postgres" ? "CRASHED" : "RUNNING"],
      volume: null,
      ...(target === "api" ? { release } : {}),
    },
  };
}
