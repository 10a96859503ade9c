import { signalWords } from "../domain/sample.ts";
import { spell, timeOfDay, type Instant } from "../domain/time.ts";
import { actionsOf, type ActionRow } from "./actions.ts";
import { headOf, standing, type Head } from "./head.ts";
import type { Story } from "./story.ts";
import { switchWindows, type SwitchWindow } from "./switches.ts";
import { alignedTable } from "./table.ts";
import { toldOf, type Told } from "./told.ts";
import { plain, problemText, stamp, timesOf } from "./words.ts";

/** One incident at a glance. */
export interface Shown {
  readonly version: 1;
  readonly incident: Head & {
    readonly standing: string;
    readonly parked: string | null;
    readonly symptoms: readonly string[];
  };
  readonly attempts: readonly ActionRow[];
  readonly switches: readonly SwitchWindow[];
  readonly notices: readonly Told[];
}

export function show(story: Story): Shown {
  const { incident } = story;
  return {
    version: 1,
    incident: {
      ...headOf(story),
      standing: standing(incident),
      parked: incident.parked,
      symptoms: incident.symptoms,
    },
    attempts: actionsOf(story),
    switches: switchWindows(story),
    notices: toldOf(story),
  };
}

/** The same for a terminal. */
export function renderShown(shown: Shown, now: Instant): string {
  const { incident } = shown;
  return [
    `${plain(incident.kind)} of ${plain(incident.target)} (${incident.id}): ${incident.standing}`,
    `  cause     ${plain(incident.cause ?? "not known")}`,
    `  failing   since ${stamp(incident.onset)}`,
    `  opened    ${stamp(incident.openedAt)}`,
    ...(incident.returns === 0 ? [] : [`  returned  ${timesOf(incident.returns)}`]),
    `  closed    ${incident.closedAt === null ? "still open" : stamp(incident.closedAt)}`,
    `  lasted    ${spell((incident.closedAt ?? now) - incident.onset)}`,
    ...(incident.parked === null ? [] : [`  stopped   ${plain(incident.parked)}`]),
    ...incident.symptoms.map((symptom) => `  explains  ${plain(signalWords(symptom))}`),
    ...block("Attempts", shown.attempts.length === 0 ? ["none"] : attemptLines(shown.attempts)),
    ...block("Switches", shown.switches.length === 0 ? ["none"] : shown.switches.map(switchLine)),
    ...block("Told", shown.notices.length === 0 ? ["nobody"] : noticeLines(shown.notices)),
    "",
    `Why: signalman why ${incident.id}   Report: signalman report ${incident.id} --format md`,
  ].join("\n");
}

function block(title: string, lines: readonly string[]): readonly string[] {
  return ["", title, ...lines.map((line) => `  ${line}`)];
}

function attemptLines(attempts: readonly ActionRow[]): readonly string[] {
  const [heads = "", ...rows] = alignedTable(
    ["ATTEMPT", "SLOT", "WHAT", "STATE", "STARTED"],
    attempts.map((one) => [
      one.attempt,
      one.slot,
      one.what,
      one.state,
      one.startedAt === null ? "never" : timeOfDay(one.startedAt),
    ]),
  );
  return [
    heads,
    ...attempts.flatMap((one, index) => [
      rows[index] ?? "",
      ...(one.problem === null ? [] : [`    ${problemText(one.problem)}`]),
      ...answerLines(one),
      ...one.evidence.map((text) => `    evidence: ${text}`),
    ]),
  ];
}

function answerLines({ asks, approval, startedAt }: ActionRow): readonly string[] {
  if (asks !== null)
    return [
      `    waits for a person until ${timeOfDay(asks.until)}; no answer is a no`,
      `    yes: ${asks.approve}   no: ${asks.reject}`,
    ];
  if (approval === null) return [];
  const counts = startedAt === null ? `, counts until ${timeOfDay(approval.until)}` : "";
  return [`    approved by ${plain(approval.by)} at ${timeOfDay(approval.at)}${counts}`];
}

function switchLine(window: SwitchWindow): string {
  const on = window.onAt === null ? "never read back as on" : `on at ${timeOfDay(window.onAt)}`;
  const off =
    window.offAt === null
      ? `ends by itself at ${timeOfDay(window.until)}`
      : `off at ${timeOfDay(window.offAt)}`;
  return `${plain(window.switch)}: ${window.state}, asked for at ${timeOfDay(window.askedAt)}, ${on}, ${off} (journal #${window.fromSeq} to #${window.toSeq})`;
}

function noticeLines(notices: readonly Told[]): readonly string[] {
  return alignedTable(
    ["MADE", "NOTICE", "KIND", "TITLE", "DELIVERY"],
    notices.map((one) => [timeOfDay(one.at), one.notice, one.kind, plain(one.title), one.delivery]),
  );
}
