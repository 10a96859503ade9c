import { dayAndTime, timeOfDay, type Instant } from "./time.ts";

/**
 * A person's word that Signalman must not act. Undo goes on unless it is included by name. Several may stand beside each other, each with
 * its own target, end and author: the one that was ordered last, and `also` the others.
 */
export interface Pause {
  readonly by: string;
  /** 0: nobody knows since when. */
  readonly since: Instant;
  /** `null`: everything. */
  readonly target: string | null;
  readonly includingUndo: boolean;
  /** When it ends by itself. Absent: only when a person ends it. */
  readonly until?: Instant;
  /** What else is paused; none of them has others beside it. Absent: nothing. */
  readonly also?: readonly Pause[];
}

/** Each pause alone, the one ordered last first. */
export function partsOf(pause: Pause | null): readonly Pause[] {
  if (pause === null) return [];
  const { also = [], ...first } = pause;
  return [first, ...also];
}

/** The other way round: single pauses as the one that stands. */
export function together([first, ...also]: readonly Pause[]): Pause | null {
  if (first === undefined) return null;
  return also.length === 0 ? first : { ...first, also };
}

/** What of the pause is not over yet. */
export function inForce(pause: Pause | null, at: Instant): Pause | null {
  const left = partsOf(pause).filter((one) => !isOver(one, at));
  return left.length === partsOf(pause).length ? pause : together(left);
}

export function isOver({ until }: Pause, at: Instant): boolean {
  return until !== undefined && at >= until;
}

/** `everything, undo too, by ann since 21:04:09 UTC, until 23:04:09 UTC`; several are divided by semicolons. */
export function pauseWords(pause: Pause): string {
  return partsOf(pause)
    .map(
      (one) =>
        `${wordsOf(one)}, by ${one.by}${one.since === 0 ? "" : ` since ${timeOfDay(one.since)}`}, ${untilWords(one)}`,
    )
    .join("; ");
}

/** `everything, undo too`; of several `api and worker, undo too`. */
export function scopeWords(pause: Pause): string {
  return partsOf(pause).map(wordsOf).join(" and ");
}

function wordsOf({ target, includingUndo }: Pause): string {
  return `${target ?? "everything"}${includingUndo ? ", undo too" : ""}`;
}

/** Of one alone. */
export function untilWords({ until }: Pause): string {
  return until === undefined ? "until it is resumed" : `until ${dayAndTime(until)}`;
}

/**
 * What becomes of the pauses that stand when another is wanted. `new`: nothing stood. `wider`: the wanted one covers some of them and takes
 * their place. `beside`: it covers none and none covers it, so all stand. `stands`: one covers all that is wanted already, so nothing
 * changes. A pause never loses a part in silence.
 */
export type Meeting = "new" | "wider" | "beside" | "stands";

export interface Laid {
  readonly meeting: Meeting;
  /** What stands now. */
  readonly pause: Pause;
  /** What the wanted one took the place of. */
  readonly replaced: Pause | null;
}

export function lay(standing: Pause | null, wanted: Pause): Laid {
  const parts = partsOf(standing);
  if (standing !== null && parts.some((one) => covers(one, wanted)))
    return { meeting: "stands", pause: standing, replaced: null };
  const replaced = parts.filter((one) => covers(wanted, one));
  const pause = together([wanted, ...parts.filter((one) => !replaced.includes(one))]) ?? wanted;
  const meeting = standing === null ? "new" : replaced.length > 0 ? "wider" : "beside";
  return { meeting, pause, replaced: together(replaced) };
}

/** What ends and what stays when a person resumes; `target`: only what is paused under its name. */
export function lift(
  standing: Pause | null,
  target: string | null,
): { readonly lifted: Pause | null; readonly left: Pause | null } {
  const isMeant = (one: Pause): boolean => target === null || one.target === target;
  const parts = partsOf(standing);
  return {
    lifted: together(parts.filter(isMeant)),
    left: together(parts.filter((one) => !isMeant(one))),
  };
}

/** Whether the end of switches is paused too, anywhere. */
export function stopsUndo(pause: Pause | null): boolean {
  return partsOf(pause).some(({ includingUndo }) => includingUndo);
}

function covers(a: Pause, b: Pause): boolean {
  return (
    (a.target === null || a.target === b.target) &&
    (a.includingUndo || !b.includingUndo) &&
    (a.until === undefined || (b.until !== undefined && a.until >= b.until))
  );
}
