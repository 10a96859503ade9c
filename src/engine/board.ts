import type { Facts, SignalFact } from "../domain/facts.ts";
import type { ErrorLines, Observation } from "../domain/observation.ts";
import { signalKey } from "../domain/sample.ts";
import { HOUR_MS, MINUTE_MS, type Instant, type Millis } from "../domain/time.ts";
import type { Verdict } from "../domain/verdict.ts";

/** Judges what one probe says of one target, keeping the series' states to itself. */
export interface Judge {
  judge(observation: Observation): readonly Judged[];
  overdue(ts: Instant): readonly Judged[];
  /** Takes in what was seen before the start: a past to compare with, and no word of now. */
  learn(observation: Observation): void;
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
): Board {
  const judges = new Map<string, Judge>();
  let signals: { [key: string]: SignalFact } = {};
  let lookedAt: Instant | null = null;
  const logs: { target: string; ts: Instant; counts: ErrorLines["counts"] }[] = [];
  const starts = new Map<string, { startedAt: Instant; saidAt: Instant }>();

  const judgeOf = (target: string, probe: string): Judge => {
    const key = `${target}|${probe}`;
    const known = judges.get(key) ?? judgeFor(target, probe);
    judges.set(key, known);
    return known;
  };
  const note = ({ opens, verdict }: Judged): Verdict => {
    // A warning is no failure: decisions about failures must not read it as a fact.
    if (opens === null) return verdict;
    signals[signalKey(verdict.signal)] = {
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
    return verdict;
  };

  return {
    since,
    learn: (observations) => {
      for (const observation of observations)
        judgeOf(observation.target, observation.probe).learn(observation);
    },
    judge: (observations) => {
      // Whoever holds the facts of before, the journal above all, must not see them change.
      signals = { ...signals };
      const judged: Judged[] = [];
      let latest = -Infinity;
      for (const observation of observations) {
        const { target, probe, ts, processStart } = observation;
        judged.push(...judgeOf(target, probe).judge(observation));
        if (processStart !== undefined) starts.set(target, { startedAt: processStart, saidAt: ts });
        if (observation.errors !== undefined)
          logs.push({ target, ts, counts: observation.errors.counts });
        latest = Math.max(latest, ts);
      }
      while (logs[0] !== undefined && logs[0].ts <= latest - LOG_MS) logs.shift();
      for (const one of judges.values()) judged.push(...one.overdue(latest));
      if (observations.length > 0) lookedAt = latest;
      return judged.map(note);
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
