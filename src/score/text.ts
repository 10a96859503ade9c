import { alignedTable } from "../report/table.ts";
import { plain, stamp } from "../report/words.ts";
import type { Judged, Verdict } from "./case.ts";
import { earned, RULES, type Earned } from "./earn.ts";
import type { Row, Score } from "./tally.ts";

/** The score as people read it: the counts, the cases they come from, and what has been earned. */
export function renderScore(score: Score): string {
  const { incidents, rows, cases, since } = score;
  const time = since === null ? "In the whole journal" : `Since ${stamp(since)}`;
  const head = `${time}: ${counted(incidents.all, "incident")}, ${counted(incidents.falseAlarms, "false alarm")} and ${counted(incidents.attached, "symptom")} of others among them; in ${incidents.withoutWish} no act was wanted.`;
  if (rows.length === 0) return `${head}\nNo act was wanted, so there is nothing to score.`;
  const inShadow = rows.filter(({ shadow }) => sum(shadow) > 0);
  const outside = rows.filter(({ done }) => sum(done) > 0);
  return [
    head,
    ...(inShadow.length === 0 ? [] : ["", "In shadow it would have", ...shadowTable(inShadow)]),
    ...(outside.length === 0 ? [] : ["", "Outside shadow it was", ...doneTable(outside)]),
    ...(cases.length === 0 ? [] : ["", "Why", ...cases.flatMap(caseLines)]),
    "",
    "Earned",
    ...score.totals.flatMap((total) => earnedLines(earned(total), total.kinds)),
    "",
    ...Object.values(RULES).map((rule) => `Rule: ${rule}.`),
    "Nothing changes by itself: a person writes the line. What it cannot say is never counted as help.",
  ].join("\n");
}

function shadowTable(rows: readonly Row[]): readonly string[] {
  return alignedTable(
    ["ACTION", "KIND", "HELPED", "NO DIFFERENCE", "HURT", "CANNOT BE SAID"],
    rows.map(({ action, kind, shadow }) => [
      plain(action),
      plain(kind),
      ...[shadow.helped, shadow["no-difference"], shadow.hurt, shadow.unknown].map(String),
    ]),
  );
}

function doneTable(rows: readonly Row[]): readonly string[] {
  return alignedTable(
    ["ACTION", "KIND", "EFFECTIVE", "INEFFECTIVE", "UNKNOWN", "NOT DONE"],
    rows.map(({ action, kind, done }) => [
      plain(action),
      plain(kind),
      ...[done.effective, done.ineffective, done.unknown, done.notDone].map(String),
    ]),
  );
}

const WORDS: { readonly [verdict in Verdict]: string } = {
  helped: "helped",
  "no-difference": "no difference",
  hurt: "hurt",
  unknown: "cannot be said",
};

function caseLines(of: Judged): readonly string[] {
  const { action, kind, target, incident, wantedAt, verdict, code, text, people } = of;
  const what = `${plain(action)} in ${plain(kind)} of ${plain(target)}`;
  const by = people.length === 0 ? "" : ` Orders by ${people.map(plain).join(", ")}.`;
  return [
    `  ${stamp(wantedAt)}  ${what} (${incident}): ${WORDS[verdict]}`,
    `    [${code}] ${plain(text)}.${by}`,
  ];
}

function earnedLines(of: Earned, kinds: readonly string[]): readonly string[] {
  const { action, mode, next, isEarned, why, line } = of;
  const name = plain(action);
  if (next === null) return [`  ${name}: ${mode}; ${why}.`];
  if (!isEarned) return [`  ${name}: ${mode}; has not earned ${next} (${why}).`];
  return [
    `  ${name}: ${mode}; has earned ${next}: ${why}.`,
    `    A person would write under "modes" in signalman.yaml:  ${line ?? ""}`,
    `    It holds in every kind of incident (scored in: ${kinds.map(plain).join(", ")}); a lower mode of the kind, the target or "overall" still wins.`,
  ];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function sum(counts: { readonly [name: string]: number }): number {
  return Object.values(counts).reduce((all, one) => all + one, 0);
}
