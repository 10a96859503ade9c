import { pathsOf } from "../core/confirm.ts";
import type { Attempt, AttemptState } from "../domain/attempt.ts";
import { textOf, type JsonObject } from "../domain/json.ts";
import { signalKey, signalWords } from "../domain/sample.ts";
import { timeOfDay } from "../domain/time.ts";
import type { Entry } from "../domain/world.ts";
import { asJson, eventText, line, platformLines, signalLines, type Line } from "./lines.ts";
import type { Turn } from "./story.ts";
import { isObject, leaves, plain, problemText, stamp, wish } from "./words.ts";

/** What one journal entry did to one attempt, in words. */
export function turnLines(entry: Entry, turn: Turn<Attempt>): readonly Line[] {
  const { before, row } = turn;
  const made = before === null ? [askedLine(entry, row)] : [];
  if (row.state === "planned") return made;
  const code = row.problem === null ? {} : { code: row.problem.code };
  return [
    ...made,
    line(entry, turnText(turn), { ...code, details: detailsOf(row) }),
    ...factLines(entry, row),
    ...newEvidence(turn).map((text) => line(entry, text)),
  ];
}

/** The evidence of an attempt as sentences. */
export function evidenceTexts(evidence: JsonObject): readonly string[] {
  const { shown, paths: _paths, inspection, changes, ...rest } = evidence;
  return [
    ...pathsOf(evidence).map(
      (path) => `${path.by} look by ${plain(path.path)}: ${path.saw} (${plain(path.detail)})`,
    ),
    ...(Array.isArray(shown) ? shown.map((text) => plain(textOf(text))) : []),
    ...(isObject(inspection) ? [`platform says ${leaves(inspection).join("; ")}`] : []),
    ...(Array.isArray(changes) ? changes.filter(isObject).map(changeText) : []),
    ...leaves(rest),
  ];
}

function changeText({ at, words }: JsonObject): string {
  return `${stamp(Number(at))} ${plain(textOf(words))}`;
}

function askedLine(entry: Entry, attempt: Attempt): Line {
  const by = attempt.askedIn === "" ? "" : ` in state ${plain(attempt.askedIn)}`;
  return line(
    entry,
    `${wish(attempt)} was asked for (slot ${attempt.slot}${by}), because ${becauseText(entry)}`,
    { details: { slot: attempt.slot, action: attempt.action, params: attempt.params } },
  );
}

/** Short, because the whole of it stands where the event itself is told. */
function becauseText({ event, decision }: Entry): string {
  if (event.type === "verdict")
    return `${plain(signalWords(signalKey(event.verdict.signal)))} is ${event.verdict.state}`;
  if (event.type !== "request" && event.type !== "outcome") return eventText(event);
  const moved = decision.changes
    .flatMap((change) => (change.table === "attempts" ? [change.row] : []))
    .find(({ id }) => id === event.attempt);
  return moved === undefined
    ? eventText(event)
    : `${wish(moved)} (${moved.id}) is ${moved.state} now`;
}

function turnText({ before, row }: Turn<Attempt>): string {
  const why = row.problem === null ? "" : `: ${problemText(row.problem)}`;
  const start = isLook(row) ? "a look changes nothing" : "no safeguard objects";
  const words: Readonly<Record<AttemptState, string>> = {
    planned: "planned",
    started:
      before?.state === "started"
        ? `started again (try ${row.tries}): a second call does no harm`
        : `started: ${start} (evidence is awaited until ${timeOfDay(row.settlesAt ?? row.plannedAt)})`,
    held: `held back${why}; it dies at ${timeOfDay(row.expiresAt)} if nothing changes`,
    "awaiting-approval": `waits for a person's approval until ${timeOfDay(row.expiresAt)}${why}`,
    shadowed: `not carried out${why}`,
    withdrawn: `withdrawn before it began${why}`,
    expired: `expired before it began${why}`,
    accepted: `accepted: the call was answered; whether it happened is not shown yet${why}`,
    seen: `seen: evidence shows that it happened${why}`,
    rejected: `rejected: it was refused and did not happen${why}`,
    "not-seen": `not seen: nothing changed within the settle time, so it did not happen${why}`,
    unknown: `unknown: nobody can say whether it happened, so it is not repeated${why}`,
    effective: "effective: enough fresh healthy samples followed",
    ineffective: "ineffective: it happened, and the symptom stayed",
  };
  return words[row.state];
}

/** Facts count where a safeguard spoke: at the start and where it was refused. Looks need none. */
function factLines(entry: Entry, attempt: Attempt): readonly Line[] {
  if (entry.event.type !== "request") return [];
  const plan = leaves(attempt.plan);
  const isStart = attempt.state === "started" && plan.length > 0;
  return [
    ...(isStart ? [line(entry, `plan: ${plan.join("; ")}`)] : []),
    ...(isLook(attempt) ? [] : [...platformLines(entry), ...signalLines(entry)]),
  ];
}

function isLook({ slot }: Attempt): boolean {
  return slot === "confirm" || slot === "inspect";
}

function newEvidence({ before, row }: Turn<Attempt>): readonly string[] {
  const old = JSON.stringify(before?.evidence ?? {});
  if (JSON.stringify(row.evidence) === old) return [];
  const fresh = Object.fromEntries(
    Object.entries(row.evidence).filter(
      ([key, value]) => JSON.stringify(before?.evidence[key]) !== JSON.stringify(value),
    ),
  );
  return evidenceTexts(fresh).map((text) => `evidence: ${text}`);
}

function detailsOf(attempt: Attempt): JsonObject {
  return {
    attempt: attempt.id,
    state: attempt.state,
    tries: attempt.tries,
    problem: attempt.problem === null ? null : asJson(attempt.problem),
    plan: attempt.plan,
    evidence: attempt.evidence,
  };
}
