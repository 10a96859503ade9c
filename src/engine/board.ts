import { isExplainedByDown, neededBy } from "../core/explains.ts";
import type { Facts, SignalFact } from "../domain/facts.ts";
import { isHearsay } from "../domain/hint.ts";
import type { ErrorLines, Observation } from "../domain/observation.ts";
import { HOUR_MS, MINUTE_MS, type Instant, type Millis } from "../domain/time.ts";
import type { Verdict } from "../domain/verdict.ts";

/**
 * Judges what one probe says of one target, keeping the series' states to itself. What opens a kind that is explained is neither
 * judged nor remembered.
 */
export interface Judge {
  judge(observation: Observation, isExplained?: (kind: string) => boolean): readonly Judged[];
  overdue(ts: Instant): readonly Judged[];
  /** Takes in what was seen before the start: a past to compare with, and no word of now. */
  learn(observation: Observation, isExplained?: (kind: string) => boolean): void;
}

/** `opens`: the kind of incident that the verdict opens when it is breached; `null` when it only warns. */
export interface Judged {
  readonly opens: string | null;
  /** Of the verdict's signal; the same string every time, because it is looked up after every look. */
  readonly key: string;
  readonly verdict: Verdict;
}

/** So far back detectors learn from what was recorded, after a start: the longest that they need often. */
export const LEARNT_MS: Millis = 6 * HOUR_MS;

/** The latest word on every signal: what decisions read as facts. Lost with the process, on purpose. */
export interface Board {
  readonly since: Instant;
  /**
   * What was recorded before this daemon looked, in time order and before anything is judged: so far back as `LEARNT_MS`. It gives
   * rates and trends their past and says nothing: no verdict, no fact, and whether something answers is only known by a look.
   */
  learn(observations: readonly Observation[]): void;
  /** Verdicts on everything this moment tells, and on what has fallen silent since. All are known before any is decided on. */
  judge(observations: readonly Observation[]): readonly Verdict[];
  /** What a decision made now may read. Stays as it is when more is judged. */
  facts(): Pick<Facts, "watchingSince" | "signals" | "lookedAt">;
  /** Error lines of the target's log in the last ten minutes, by class; `null` where nobody read its log in that time. */
  errors(target: string): ErrorLines["counts"] | null;
  /** When the target's process started, by its own latest word, and when it said so. */
  processStart(target: string): { readonly startedAt: Instant; readonly saidAt: Instant } | null;
}

export function createBoard(
  since: Instant,
  judgeFor: (target: string, probe: string) => Judge,
  /** What a target needs directly. */
  needsOf: (target: string) => readonly string[] = () => [],
): Board {
  const seats = new Map<string, Seat>();
  const latest = new Map<string, Opening>();
  /** What the latest words are as facts; written when somebody asks, because most looks lead to no decision. */
  let signals: { readonly [key: string]: SignalFact } | null = null;
  let lookedAt: Instant | null = null;
  const logs: { target: string; ts: Instant; counts: ErrorLines["counts"] }[] = [];
  const starts = new Map<string, { startedAt: Instant; saidAt: Instant }>();

  /** The last raw word on who answers, from before the start. */
  const recorded = new Map<string, boolean>();

  /**
   * While what a target needs does not answer, its rates tell of that and of nothing else. They are left out, so that nothing of it is
   * remembered either: errors of a database that was down must not be laid at the door of the release before it.
   */
  const explainedBy = (isDown: (target: string) => boolean, seat: Seat) => {
    const wasExplained = seat.isExplained;
    seat.isExplained = seat.needs.some(isDown);
    // The first look afterwards counts since the one before, so it is still of that time.
    return seat.isExplained || wasExplained ? isExplainedByDown : undefined;
  };
  /** Who failed and was not seen well since, by the keys of `up`: no word is not health. */
  const down = new Set<string>();
  const isDown = (target: string): boolean =>
    [...down].some((key) => key.startsWith(`${target}|`) && !isHearsay(key));
  const wasDown = (target: string): boolean =>
    [...recorded].some(([key, answered]) => !answered && key.startsWith(`${target}|`));

  const seatOf = (target: string, probe: string): Seat => {
    const key = `${target}|${probe}`;
    const known = seats.get(key);
    if (known !== undefined) return known;
    const needs = neededBy(target, needsOf);
    const seat = { judge: judgeFor(target, probe), needs, isExplained: false };
    seats.set(key, seat);
    return seat;
  };
  const note = ({ opens, key, verdict }: Judged): void => {
    // A warning is no failure: decisions about failures must not read it as a fact.
    if (opens === null) return;
    if (verdict.signal.name === "up") {
      if (verdict.failing || verdict.state === "breached") down.add(key);
      if (verdict.state === "healthy") down.delete(key);
    }
    latest.set(key, { opens, key, verdict });
  };

  return {
    since,
    learn: (observations) => {
      for (const observation of observations) {
        const { target, probe, values } = observation;
        if (typeof values.up === "number") recorded.set(`${target}|${probe}`, values.up === 1);
        const seat = seatOf(target, probe);
        seat.judge.learn(observation, explainedBy(wasDown, seat));
      }
    },
    judge: (observations) => {
      // Whoever holds the facts of before, the journal above all, must not see them change.
      signals = null;
      const judged: Judged[] = [];
      let now = -Infinity;
      for (const observation of observations) {
        const { target, probe, ts, processStart } = observation;
        const seat = seatOf(target, probe);
        for (const one of seat.judge.judge(observation, explainedBy(isDown, seat))) {
          judged.push(one);
          note(one);
        }
        if (processStart !== undefined) starts.set(target, { startedAt: processStart, saidAt: ts });
        if (observation.errors !== undefined)
          logs.push({ target, ts, counts: observation.errors.counts });
        now = Math.max(now, ts);
      }
      while (logs[0] !== undefined && logs[0].ts <= now - LOG_MS) logs.shift();
      for (const { judge } of seats.values()) {
        for (const late of judge.overdue(now)) {
          judged.push(late);
          note(late);
        }
      }
      if (observations.length > 0) lookedAt = now;
      return judged.map(({ verdict }) => verdict);
    },
    facts: () => {
      signals ??= Object.fromEntries(Array.from(latest, ([key, one]) => [key, factOf(one)]));
      return { watchingSince: since, signals, ...(lookedAt === null ? {} : { lookedAt }) };
    },
    errors: (target) => {
      const read = logs.filter((one) => one.target === target);
      if (read.length === 0) return null;
      const all: Record<string, number> = {};
      for (const { counts } of read)
        for (const [name, count] of Object.entries(counts)) all[name] = (all[name] ?? 0) + count;
      return all;
    },
    processStart: (target) => starts.get(target) ?? null,
  };
}

/** One probe of one target. */
interface Seat {
  readonly judge: Judge;
  /** Everything that the target needs. */
  readonly needs: readonly string[];
  /** At its last look something of that was down. */
  isExplained: boolean;
}

/** The verdict on a signal that opens something. */
interface Opening extends Judged {
  readonly opens: string;
}

function factOf({ opens, verdict }: Opening): SignalFact {
  const { signal, state, failing, at, onset, evidence } = verdict;
  return {
    target: signal.target,
    opens,
    state,
    failing,
    at,
    onset,
    problem: evidence.problem?.code ?? null,
    ...(state === "breached" && evidence.numbers !== undefined
      ? { numbers: evidence.numbers }
      : {}),
  };
}

/** What the log told is what it tells of the last minutes. */
const LOG_MS: Millis = 10 * MINUTE_MS;

/** How often a target is looked at. */
export interface Rhythm {
  readonly everyMs: Millis;
  /** After a first failure, until the verdict is clear again. */
  readonly retryEveryMs: Millis;
}
