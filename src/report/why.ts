import { ACT_SLOTS } from "../domain/runbook.ts";
import type { Attempt, AttemptState } from "../domain/attempt.ts";
import { isOutside } from "../domain/hint.ts";
import { signalKey } from "../domain/sample.ts";
import { turnLines } from "./act-lines.ts";
import { consequenceLines, eventLine, line, signalLines, type Line } from "./lines.ts";
import type { Beat, Story } from "./story.ts";
import { headOf, type Head } from "./head.ts";
import { stamp, wish } from "./words.ts";

/** Steps that belong together: one act, or what happened between acts while the incident was in one state. */
export interface Section {
  readonly title: string;
  /** Ledger ids of the act, empty between acts; several only for the renewals of one switch. */
  readonly attempts: readonly string[];
  readonly action: string | null;
  /** State of its last attempt in the ledger. */
  readonly state: AttemptState | null;
  readonly lines: readonly Line[];
}

/** The chain from the journal: what led to what. */
export interface Why {
  readonly version: 1;
  readonly incident: Head;
  readonly sections: readonly Section[];
}

/** Explains every act, and every act that was withheld, from the journal alone. */
export function explain(story: Story): Why {
  const sections = new Map<string, { title: string; attempts: Attempt[]; lines: Line[] }>();
  const put = (key: string, title: string, lines: readonly Line[]): void => {
    const section = sections.get(key) ?? { title, attempts: [], lines: [] };
    section.lines.push(...lines);
    sections.set(key, section);
  };
  const judging = new Set<string>();
  let between = 0;
  let state = "";
  let last = "";
  for (const beat of story.beats) {
    const owner = ownerOf(beat, story, judging);
    const isOpening = owner === null && beat.incident !== null && beat.incident.before === null;
    const where = owner !== null ? keyOf(owner) : isOpening ? "opening" : `while ${state}`;
    if (where !== last) between += 1;
    last = where;
    const turns = beat.attempts.map((turn) => () => {
      put(keyOf(turn.row), titleOf(turn.row), turnLines(beat.entry, turn));
    });
    // What became of an act is said before what followed from it; what made an act is said before the act.
    const isAnswer = ["request", "outcome"].includes(beat.entry.event.type);
    if (isAnswer) for (const turn of turns) turn();
    if (owner !== null) put(where, titleOf(owner), mainLines(beat, owner));
    else if (isOpening) put(where, "How it opened", mainLines(beat, null));
    else put(`${where} ${between}`, `While ${state}`, mainLines(beat, null));
    if (!isAnswer) for (const turn of turns) turn();
    for (const { row } of beat.attempts) {
      if (ACT_SLOTS.includes(row.slot) && row.state === "seen") judging.add(row.id);
      else judging.delete(row.id);
    }
    state = topOf(beat.incident?.row.state ?? state);
  }
  for (const attempt of story.attempts) sections.get(keyOf(attempt))?.attempts.push(attempt);
  return {
    version: 1,
    incident: headOf(story),
    sections: [...sections.values()].map(finish).sort((a, b) => firstSeq(a) - firstSeq(b)),
  };
}

/** The attempt whose chain a beat belongs to, or null between acts. */
function ownerOf(beat: Beat, story: Story, judging: ReadonlySet<string>): Attempt | null {
  const { event } = beat.entry;
  const byId = (id: string): Attempt | null =>
    story.attempts.find((attempt) => attempt.id === id) ?? null;
  if (event.type === "request" || event.type === "outcome") return byId(event.attempt);
  const moved = beat.attempts.find(({ before }) => before !== null)?.row;
  if (moved !== undefined && moved.state !== "withdrawn") return moved;
  const renewed = beat.attempts.find(({ row }) => row.slot === "renew")?.row;
  if (renewed !== undefined) return renewed;
  const isSample =
    event.type === "verdict" && signalKey(event.verdict.signal) === story.incident.signal;
  const [judged] = judging;
  return isSample && judged !== undefined ? byId(judged) : null;
}

/** The event and what followed for the incident; for a request or an outcome the attempt's own line says it. */
function mainLines(beat: Beat, owner: Attempt | null): readonly Line[] {
  const { type } = beat.entry.event;
  const isOwn = owner !== null && (type === "request" || type === "outcome");
  const following = consequenceLines(beat);
  const opening =
    beat.incident?.before === null
      ? [
          ...(isOutside(beat.incident.row.target)
            ? []
            : [line(beat.entry, `first failing sample at ${stamp(beat.incident.row.onset)}`)]),
          ...signalLines(beat.entry),
        ]
      : [];
  return [...(isOwn ? [] : [eventLine(beat.entry)]), ...opening, ...following];
}

function keyOf(attempt: Attempt): string {
  return attempt.slot === "renew" ? `renew ${wish(attempt)}` : attempt.id;
}

function titleOf(attempt: Attempt): string {
  return attempt.slot === "renew"
    ? `renew: ${wish(attempt)}, again and again while needed`
    : `${attempt.slot}: ${wish(attempt)} (${attempt.id})`;
}

function finish(section: { title: string; attempts: Attempt[]; lines: Line[] }): Section {
  const last = section.attempts.at(-1);
  return {
    title: section.title,
    attempts: section.attempts.map(({ id }) => id),
    action: last?.action ?? null,
    state: last?.state ?? null,
    lines: collapse(section.lines.toSorted((a, b) => a.seq - b.seq)),
  };
}

/** Looks in a row with the same result, each without any other consequence, become one line. */
function collapse(lines: readonly Line[]): readonly Line[] {
  const kept: Line[] = [];
  const seqs = new Map<number, number>();
  for (const { seq } of lines) seqs.set(seq, (seqs.get(seq) ?? 0) + 1);
  let run = 0;
  for (const one of lines) {
    const before = kept.at(-1);
    const isAlike =
      before !== undefined &&
      seqs.get(one.seq) === 1 &&
      seqs.get(before.seq) === 1 &&
      alike(before, one);
    run = isAlike ? run + 1 : 1;
    if (!isAlike || before === undefined) kept.push(one);
    else {
      const text = before.text.replace(/^\d+ looks, the first: /, "");
      kept.splice(-1, 1, {
        ...before,
        text: `${run} looks, the first: ${text}`,
        through: { seq: one.seq, at: one.at },
      });
    }
  }
  return kept;
}

function alike(a: Line, b: Line): boolean {
  const state = a.details?.["state"];
  return (
    a.event.startsWith("verdict:") &&
    b.event.startsWith("verdict:") &&
    state !== undefined &&
    state === b.details?.["state"] &&
    JSON.stringify(a.details?.["signal"]) === JSON.stringify(b.details?.["signal"])
  );
}

function firstSeq(section: Section): number {
  return section.lines[0]?.seq ?? 0;
}

function topOf(state: string): string {
  return state.split(".", 1)[0] ?? state;
}
