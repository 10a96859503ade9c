import { decide } from "../core/decide.ts";
import { apply, EMPTY_WORLD } from "../domain/apply.ts";
import type { Event } from "../domain/event.ts";
import { eventId } from "../domain/ids.ts";
import type { Rules } from "../domain/rules.ts";
import { observationsOf } from "../domain/observation.ts";
import { signalKey } from "../domain/sample.ts";
import type { Instant } from "../domain/time.ts";
import type { Decision, World } from "../domain/world.ts";
import { createBoard, type Board, type Judge } from "../engine/board.ts";
import type { SampleLine } from "./lines.ts";

/** One line of the output. */
export type Output = { readonly event: string; readonly ts: Instant } & {
  readonly [key: string]: unknown;
};

export interface ReplayParts {
  readonly rules: Rules;
  /** Name used where a line names no target. */
  readonly onlyTarget: string;
  /** The detectors of one probe of one target. */
  readonly judgeFor: (target: string, probe: string) => Judge;
  /** Also states, intents and notices. */
  readonly verbose: boolean;
}

/** Takes lines in time order; whatever a moment leads to comes back when the moment is over. */
export interface Replay {
  take(line: SampleLine): readonly Output[];
  /** The input has ended: the last moment is judged. Timers that lie ahead do not fire, because nobody saw them. */
  end(): readonly Output[];
}

/** The production core and detectors with the recording's clock. Nothing is carried out: replay runs in shadow. */
export function createReplay(parts: ReplayParts): Replay {
  let board: Board | null = null;
  let world: World = EMPTY_WORLD;
  let moment: SampleLine[] = [];

  const settle = (event: Event): readonly Output[] => {
    if (board === null) return [];
    const facts = { watchingSince: board.since, signals: board.facts() };
    const decision = decide(world, event, facts, parts.rules);
    if (decision.changes.length === 0) return [];
    const before = world;
    world = apply(world, world.seq + 1, event.at, decision.changes);
    return outputOf(before, decision, event.at, parts.verbose);
  };

  const fireUntil = (at: Instant): readonly Output[] => {
    const out: Output[] = [];
    for (;;) {
      const next = Object.values(world.timers)
        .filter((timer) => timer.due <= at)
        .sort((a, b) => a.due - b.due || (a.id < b.id ? -1 : 1))[0];
      if (next === undefined) return out;
      const { id, due, generation } = next;
      out.push(
        ...settle({
          id: eventId("timer", id, generation),
          at: due,
          cause: id,
          type: "timer",
          timer: id,
          generation,
        }),
      );
    }
  };

  const judgeMoment = (): readonly Output[] => {
    const [first] = moment;
    if (first === undefined) return [];
    board ??= createBoard(first.ts, parts.judgeFor);
    const out = [...fireUntil(first.ts)];
    const samples = moment.map((line) => ({
      ...line,
      target: line.target ?? parts.onlyTarget,
      probe: line.probe ?? PROBE,
    }));
    for (const verdict of board.judge(observationsOf(samples))) {
      const key = signalKey(verdict.signal);
      const id = eventId("verdict", key, verdict.at);
      out.push(...settle({ id, at: verdict.at, cause: null, type: "verdict", verdict }));
    }
    moment = [];
    return out;
  };

  return {
    take: (line) => {
      const [first] = moment;
      const out = first !== undefined && line.ts !== first.ts ? judgeMoment() : [];
      moment.push(line);
      return out;
    },
    end: judgeMoment,
  };
}

/** How the probe is called where a line names none. */
const PROBE = "recording";

/** What changed for somebody who watches: openings and closings, and on request everything between. */
function outputOf(
  before: World,
  decision: Decision,
  ts: Instant,
  verbose: boolean,
): readonly Output[] {
  const out: Output[] = [];
  for (const change of decision.changes) {
    if (change.table === "incidents") {
      const { row } = change;
      const old = before.incidents[row.id];
      const about = { kind: row.kind, target: row.target, id: row.id };
      if (old === undefined) out.push({ event: "open", ts, ...about });
      if (verbose && old?.state !== row.state)
        out.push({ event: "state", ts, ...about, state: row.state });
      if (row.closedAt !== null && (old === undefined || old.closedAt === null)) {
        out.push({ event: "close", ts, ...about });
      }
    } else if (
      verbose &&
      change.table === "attempts" &&
      before.attempts[change.row.id] === undefined
    ) {
      const { incident, slot, action, target, id } = change.row;
      out.push({ event: "intent", ts, id: incident, attempt: id, slot, action, target });
    } else if (verbose && change.table === "notices") {
      const { incident, kind, title } = change.row;
      out.push({ event: "notice", ts, id: incident, kind, title });
    }
  }
  return out;
}
