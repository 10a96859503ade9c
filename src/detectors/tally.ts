import type { Instant, Millis } from "../domain/time.ts";

/** The last samples, bad or not, and an open breach: n of m open, calm for long enough closes. */
export interface Tally {
  readonly recent: readonly boolean[];
  /** First of the bad samples in sight. */
  readonly since: Instant | null;
  readonly breach: {
    readonly onset: Instant;
    readonly calm: { readonly since: Instant; readonly samples: number } | null;
  } | null;
}

export interface TallyRule {
  /** Opens when `openAfter` of the last `openOf` samples are bad, and the first of them is this old. */
  readonly openAfter: number;
  readonly openOf: number;
  readonly lastsMs: Millis;
  /** Closes after so many calm samples in a row, over so long. */
  readonly closeAfter: number;
  readonly closeAfterMs: Millis;
}

export const TALLY_START: Tally = { recent: [], since: null, breach: null };

/** Takes one sample in. Between bad and calm nothing is decided. */
export function count(
  tally: Tally,
  ts: Instant,
  sample: { readonly isBad: boolean; readonly isCalm: boolean },
  rule: TallyRule,
): { readonly tally: Tally; readonly state: "healthy" | "breached" | "inconclusive" } {
  const recent = [...tally.recent, sample.isBad].slice(-rule.openOf);
  const since = recent.includes(true) ? (tally.since ?? ts) : null;
  const { breach } = tally;
  if (breach !== null) {
    if (!sample.isCalm)
      return { tally: { recent, since, breach: { ...breach, calm: null } }, state: "breached" };
    const calm = {
      since: breach.calm?.since ?? ts,
      samples: (breach.calm?.samples ?? 0) + 1,
    };
    const isOver = calm.samples >= rule.closeAfter && ts - calm.since >= rule.closeAfterMs;
    return isOver
      ? { tally: { ...TALLY_START, recent: recent.map(() => false) }, state: "healthy" }
      : { tally: { recent, since, breach: { ...breach, calm } }, state: "inconclusive" };
  }
  const bad = recent.filter(Boolean).length;
  if (sample.isBad && bad >= rule.openAfter && ts - (since ?? ts) >= rule.lastsMs) {
    const opened = { onset: since ?? ts, calm: null };
    return { tally: { recent, since, breach: opened }, state: "breached" };
  }
  // So many good samples that the bad ones in sight cannot open by themselves.
  const isEnough = recent.length - bad > rule.openOf - rule.openAfter;
  return {
    tally: { recent, since, breach: null },
    state: !sample.isBad && isEnough ? "healthy" : "inconclusive",
  };
}

/** After a gap nothing counts together with what was before it; an open breach stays open. */
export function cut(tally: Tally): Tally {
  const breach = tally.breach === null ? null : { ...tally.breach, calm: null };
  return { recent: [], since: null, breach };
}
