import { decide, meansNothing } from "../core/decide.ts";
import { apply, EMPTY_WORLD } from "../domain/apply.ts";
import { verdictEvent, type Event } from "../domain/event.ts";
import type { Facts, PlatformFact } from "../domain/facts.ts";
import { eventId } from "../domain/ids.ts";
import type { Rules } from "../domain/rules.ts";
import { observationsOf } from "../domain/observation.ts";
import type { Sample } from "../domain/sample.ts";
import type { Instant } from "../domain/time.ts";
import type { Change, Decision, World } from "../domain/world.ts";
import { createBoard, LEARNT_MS, type Board, type Judge } from "../engine/board.ts";
import type { EventLine, FactLine } from "./event-lines.ts";
import type { SampleLine } from "./lines.ts";
import { NOTHING, outputOf, type Output } from "./output.ts";

export interface ReplayParts {
  readonly rules: Rules;
  /** Name used where a line names no target. */
  readonly onlyTarget: string;
  /** The detectors of one probe of one target. */
  readonly judgeFor: (target: string, probe: string) => Judge;
  /** Also states, intents and notices. */
  readonly verbose: boolean;
  /** Hears of every decision that changed something. */
  readonly onDecision?: (event: Event, decision: Decision) => void;
}

/** Takes lines in time order; whatever a moment leads to comes back when the moment is over. */
export interface Replay {
  take(line: SampleLine): readonly Output[];
  /** An event ends the moment of the samples before it. */
  hear(line: EventLine): readonly Output[];
  learn(line: FactLine): readonly Output[];
  /** The input has ended: the last moment is judged. Timers that lie ahead do not fire, because nobody saw them. */
  end(): readonly Output[];
}

/**
 * The production core and detectors with the recording's clock. Nothing is carried out: there is nothing here that could. What
 * was asked of the platform and of people, and what came of it, is in the recording or did not happen.
 */
export function createReplay(parts: ReplayParts): Replay {
  const needsOf = (target: string): readonly string[] => parts.rules.targets[target]?.needs ?? [];
  let board: Board | null = null;
  let world: World = EMPTY_WORLD;
  let moment: Sample[] = [];
  let isTimed = false;
  let platform: PlatformFact | null = null;
  /** What the next daemon of the recording would learn from, if this is a recording with facts at all. */
  let past: (readonly Sample[])[] | null = null;

  /** `ts` is where the recording has it, which may be a moment after the event's own. */
  const settle = (event: Event, ts: Instant): readonly Output[] => {
    const seen = board?.facts() ?? { watchingSince: event.at, signals: {} };
    const facts: Facts = platform === null ? seen : { ...seen, platform };
    const decision = decide(world, event, facts, parts.rules);
    if (decision.changes.length === 0) return NOTHING;
    parts.onDecision?.(event, decision);
    const before = world;
    world = apply(world, world.seq + 1, event.at, decision.changes);
    return outputOf(before, decision.changes, ts, parts.verbose);
  };

  const fireUntil = (at: Instant): readonly Output[] => {
    if (isTimed) return NOTHING;
    const out: Output[] = [];
    for (;;) {
      const next = nextTimer(world, at);
      if (next === null) return out;
      const { id, due, generation } = next;
      const event = eventId("timer", id, generation);
      out.push(
        ...settle({ id: event, at: due, cause: id, type: "timer", timer: id, generation }, due),
      );
    }
  };

  const judgeMoment = (): readonly Output[] => {
    const [first] = moment;
    if (first === undefined) return NOTHING;
    board ??= createBoard(first.ts, parts.judgeFor, needsOf);
    let out = fireUntil(first.ts);
    for (const verdict of board.judge(observationsOf(moment))) {
      if (meansNothing(world, verdict)) continue;
      const more = settle(verdictEvent(verdict), first.ts);
      if (more.length > 0) out = [...out, ...more];
    }
    remember(moment, first.ts);
    moment = [];
    return out;
  };

  const remember = (samples: readonly Sample[], ts: Instant): void => {
    if (past === null) return;
    past.push(samples);
    while ((past[0]?.[0]?.ts ?? ts) < ts - LEARNT_MS) past.shift();
  };

  /** A daemon begins to look, and learns from what was recorded before. */
  const watch = (since: Instant): void => {
    board = createBoard(since, parts.judgeFor, needsOf);
    past = (past ?? []).filter(([first]) => (first?.ts ?? since) >= since - LEARNT_MS);
    for (const samples of past) board.learn(observationsOf(samples));
  };

  return {
    take: (line) => {
      const [first] = moment;
      const out = first !== undefined && line.ts !== first.ts ? judgeMoment() : NOTHING;
      moment.push(named(line, parts.onlyTarget));
      return out;
    },
    hear: ({ ts, event }) => {
      const out = [...judgeMoment(), ...fireUntil(ts), ...settle(event, ts)];
      platform = null;
      return out;
    },
    learn: (line) => {
      const out = judgeMoment();
      switch (line.fact) {
        case "watching":
          isTimed = true;
          watch(line.since);
          return out;
        case "platform":
          platform = line.platform;
          return out;
        case "world": {
          const before = world;
          world = line.world;
          // What was over before is history that nobody watches here.
          const rows = Object.values(world.incidents)
            .filter(({ id, closedAt }) => closedAt === null || before.incidents[id] !== undefined)
            .map((row): Change => ({ table: "incidents", row }));
          return [...out, ...outputOf(before, rows, line.ts, parts.verbose)];
        }
      }
    },
    end: judgeMoment,
  };
}

/** How the probe is called where a line names none. */
const PROBE = "recording";

function named(line: SampleLine, onlyTarget: string): Sample {
  const { target, probe } = line;
  if (target !== null && probe !== null) return { ...line, target, probe };
  return { ...line, target: target ?? onlyTarget, probe: probe ?? PROBE };
}

/** The first timer that is due, in (due, id) order. */
function nextTimer(world: World, at: Instant): World["timers"][string] | null {
  let next: World["timers"][string] | null = null;
  for (const timer of Object.values(world.timers)) {
    if (timer.due > at) continue;
    if (next === null || timer.due < next.due || (timer.due === next.due && timer.id < next.id))
      next = timer;
  }
  return next;
}
