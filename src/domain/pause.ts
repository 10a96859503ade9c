import { dayAndTime, timeOfDay, type Instant } from "./time.ts";

/** A person's word that Signalman must not act. Undo goes on unless it is included by name. */
export interface Pause {
  readonly by: string;
  /** 0: nobody knows since when. */
  readonly since: Instant;
  /** `null`: everything. */
  readonly target: string | null;
  readonly includingUndo: boolean;
  /** When it ends by itself. Absent: only when a person ends it. */
  readonly until?: Instant;
}

/** The pause, unless its time is over. */
export function inForce(pause: Pause | null, at: Instant): Pause | null {
  return pause !== null && isOver(pause, at) ? null : pause;
}

export function isOver({ until }: Pause, at: Instant): boolean {
  return until !== undefined && at >= until;
}

/** `everything, undo too, by ann since 21:04:09 UTC, until 23:04:09 UTC`. */
export function pauseWords(pause: Pause): string {
  return `${scopeWords(pause)}, by ${pause.by}${pause.since === 0 ? "" : ` since ${timeOfDay(pause.since)}`}, ${untilWords(pause)}`;
}

/** `everything, undo too`. */
export function scopeWords({ target, includingUndo }: Pause): string {
  return `${target ?? "everything"}${includingUndo ? ", undo too" : ""}`;
}

export function untilWords({ until }: Pause): string {
  return until === undefined ? "until it is resumed" : `until ${dayAndTime(until)}`;
}

/**
 * What becomes of a pause that stands when another is wanted. `new`: nothing stood. `wider`: the wanted one covers all of it and takes
 * its place. `stands`: it covers all that is wanted already, so nothing changes. `apart`: neither covers the other, so nothing changes:
 * a pause never loses a part in silence.
 */
export type Meeting = "new" | "wider" | "stands" | "apart";

export function meet(standing: Pause | null, wanted: Pause): Meeting {
  if (standing === null) return "new";
  if (covers(standing, wanted)) return "stands";
  return covers(wanted, standing) ? "wider" : "apart";
}

function covers(a: Pause, b: Pause): boolean {
  return (
    (a.target === null || a.target === b.target) &&
    (a.includingUndo || !b.includingUndo) &&
    (a.until === undefined || (b.until !== undefined && a.until >= b.until))
  );
}
