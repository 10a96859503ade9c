import { isExplainedByDown, neededBy } from "../core/explains.ts";
import type { Facts, SignalFact } from "../domain/facts.ts";
import { isHearsay } from "../domain/hint.ts";
import type { ErrorLines, Observation } from "../domain/observation.ts";
import { signalKey } from "../domain/sample.ts";
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
  const judges = new Map<string, Judge>();
  let signals: { [key: string]: SignalFact } = {};
  let lookedAt: Instant | null = null;
  const logs: { target: string; ts: Instant; counts: ErrorLines["counts"] }[] = [];
  const starts = new Map<string, { startedAt: Instant; saidAt: Instant }>();

  /** The last raw word on who answers, from before the start. */
  const recorded = new Map<string, boolean>();

  /**
   * While what a target needs does not answer, its rates tell of that and of nothing else. They are left out, so that nothing of it is
   * remembered either: errors of a database that was down must not be laid at the door of the release before it.
   */
  const explainedBy = (isDown: (target: string) => boolean, target: string, probe: string) => {
    const key = `${target}|${probe}`;
    if (neededBy(target, needsOf).some(isDown)) explained.add(key);
    // The first look afterwards counts since the one before, so it is still of that time.
    else if (!explained.delete(key)) return undefined;
    return isExplainedByDown;
  };
  const explained = new Set<string>();
  /** Who failed and was not seen well since, by the keys of `up`: no word is not health. */
  const down = new Set<string>();
  const isDown = (target: string): boolean =>
    [...down].some((key) => key.startsWith(`${target}|`) && !isHearsay(key));
  const wasDown = (target: string): boolean =>
    [...recorded].some(([key, answered]) => !answered && key.startsWith(`${target}|`));

  const judgeOf = (target: string, probe: string): Judge => {
    const key = `${target}|${probe}`;
    const known = judges.get(key) ?? judgeFor(target, probe);
    judges.set(key, known);
    return known;
  };
  const note = ({ opens, verdict }: Judged): void => {
    // A warning is no failure: decisions about failures must not read it as a fact.
    if (opens === null) return;
    const key = signalKey(verdict.signal);
    if (verdict.signal.name === "up") {
      if (verdict.failing || verdict.state === "breached") down.add(key);
      if (verdict.state === "healthy") down.delete(key);
    }
    signals[key] = {
      target: verdict.signal.target,
      opens,
      state: verdict.state,
      failing: verdict.failing,
      at: verdict.at,
      onset: verdict.onset,
      problem: verdict.evidence.problem?.code ?? null,
      ...(verdict.state === "breached" && verdict.evidence.numbers !== undefined
        ? { numbers: verdict.evidence.numbers }
        : {}),
    };
  };

  return {
    since,
    learn: (observations) => {
      for (const observation of observations) {
        const { target, probe, values } = observation;
        if (typeof values.up === "number") recorded.set(`${target}|${probe}`, values.up === 1);
        judgeOf(target, probe).learn(observation, explainedBy(wasDown, target, probe));
      }
    },
    judge: (observations) => {
      // Whoever holds the facts of before, the journal above all, must not see them change.
      signals = { ...signals };
      const judged: Judged[] = [];
      let latest = -Infinity;
      for (const observation of observations) {
        const { target, probe, ts, processStart } = observation;
        const own = judgeOf(target, probe).judge(observation, explainedBy(isDown, target, probe));
        judged.push(...own);
        for (const one of own) note(one);
        if (processStart !== undefined) starts.set(target, { startedAt: processStart, saidAt: ts });
        if (observation.errors !== undefined)
          logs.push({ target, ts, counts: observation.errors.counts });
        latest = Math.max(latest, ts);
      }
      while (logs[0] !== undefined && logs[0].ts <= latest - LOG_MS) logs.shift();
      for (const one of judges.values()) {
        const late = one.overdue(latest);
        judged.push(...late);
        for (const each of late) note(each);
      }
      if (observations.length > 0) lookedAt = latest;
      return judged.map(({ verdict }) => verdict);
    },
    facts: () => ({ watchingSince: since, signals, ...(lookedAt === null ? {} : { lookedAt }) }),
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

/** What the log told is what it tells of the last minutes. */
const LOG_MS: Millis = 10 * MINUTE_MS;

/** How often a target is looked at. */
export interface Rhythm {
  readonly everyMs: Millis;
  /** After a first failure, until the verdict is clear again. */
  readonly retryEveryMs: Millis;
}
