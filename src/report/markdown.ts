import { isOutside } from "../domain/hint.ts";
import { signalWords } from "../domain/sample.ts";
import { headText } from "../domain/chain.ts";
import { spell, type Millis } from "../domain/time.ts";
import type { ActionRow } from "./actions.ts";
import { md, table } from "./escape.ts";
import type { Report } from "./report.ts";
import { sourceText, type Cited } from "./source.ts";
import { stamp } from "./words.ts";

/** The report as GitHub-flavoured Markdown, ending in a line break. */
export function renderMarkdown(report: Report): string {
  return `${[
    ...headLines(report),
    ...section("Timeline", timeline(report)),
    ...section("Impact", impact(report)),
    ...section("Detection", detection(report)),
    ...section("Cause", cause(report)),
    ...section("Actions", actions(report)),
    ...section("What was withheld, and why", withheld(report)),
    ...section("Who was told", told(report)),
    ...section("Recovery", [
      report.recovery === null
        ? report.incident.closedAt === null
          ? "Not recovered yet: no healthy verdict after the last bad one."
          : "The journal holds no healthy verdict of its signal."
        : citedText(report.recovery),
    ]),
    ...section("Durations", durations(report)),
    ...section("Follow-ups", followUps(report)),
  ].join("\n")}\n`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return ["", `## ${title}`, "", ...lines];
}

function headLines({ incident, summary, madeAt, journal }: Report): readonly string[] {
  return [
    `# Incident ${md(incident.id)}: ${md(incident.kind)} of ${md(incident.target)}`,
    "",
    md(summary),
    "",
    `- **Kind:** ${md(incident.kind)}`,
    `- **Target:** ${md(incident.target)}`,
    `- **Severity:** ${incident.severity}`,
    `- **State:** ${md(incident.standing)}`,
    `- **Opened:** ${stamp(incident.openedAt)}`,
    `- **Closed:** ${incident.closedAt === null ? "still open" : stamp(incident.closedAt)}`,
    `- **Report made:** ${stamp(madeAt)}`,
    ...(journal === null ? [] : [`- **Journal:** ${headText(journal)}`]),
  ];
}

function timeline({ timeline: moments }: Report): readonly string[] {
  return table(
    ["Time", "What", "Source"],
    moments.map(({ at, text, source }) => [stamp(at), md(text), md(sourceText(source))]),
    "Nothing is recorded.",
  );
}

function impact({ impact }: Report): readonly string[] {
  const { to, switches, symptoms } = impact;
  return [
    `- From ${stamp(impact.from)} to ${to === null ? "now" : stamp(to)}: ${spell(impact.lastedMs)}`,
    ...switches.map((window) => {
      const from = window.onAt ?? window.askedAt;
      const doubt = window.onAt === null ? " (asked for; that it was on was never read back)" : "";
      const until =
        window.offAt === null
          ? `not read back as off, ends by itself at ${stamp(window.until)}`
          : stamp(window.offAt);
      return `- ${md(window.switch)} mode${doubt} from ${stamp(from)} to ${until} (journal \\#${window.fromSeq} to \\#${window.toSeq})`;
    }),
    ...(switches.length === 0 ? ["- No switch of the app was on."] : []),
    ...symptoms.map((symptom) => `- Explains ${md(signalWords(symptom))} too`),
  ];
}

function detection({ detection, incident }: Report): readonly string[] {
  return [
    `- First ${firstOf(incident)}: ${stamp(detection.firstFailingSample)}`,
    `- Opened: ${stamp(detection.openedAt)}, ${spell(detection.tookMs)} later`,
    ...(detection.by === null ? [] : [`- By: ${citedText(detection.by)}`]),
  ];
}

function cause({ cause }: Report): readonly string[] {
  return [
    cause.code === null ? "Not known." : `**${md(cause.code)}**`,
    "",
    ...(cause.evidence.length === 0
      ? ["No second look and no inspection is recorded."]
      : cause.evidence.map((cited) => `- ${citedText(cited)}`)),
  ];
}

function actions({ actions }: Report): readonly string[] {
  const acts = actions.filter(({ slot }) => slot !== "renew");
  const renewals = actions.filter(({ slot }) => slot === "renew");
  const samples = acts.flatMap(({ attempt, helped }) =>
    helped === null || helped.samples.length === 0
      ? []
      : [
          "",
          `Samples by which ${md(attempt)} was judged:`,
          "",
          ...helped.samples.map((sample) => `- ${stamp(sample.at)}: ${citedText(sample)}`),
        ],
  );
  return [
    ...table(
      ["Attempt", "What", "State", "Started", "Tries", "Evidence", "Helped?", "Source"],
      acts.map(actionCells),
      "Nothing was tried.",
    ),
    ...(renewals.length === 0
      ? []
      : ["", `Switches were renewed ${renewals.length} times: ${counts(renewals)}.`]),
    ...samples,
  ];
}

function actionCells(action: ActionRow): readonly string[] {
  const problem =
    action.problem === null ? [] : [`[${action.problem.code}] ${action.problem.detail}`];
  return [
    md(action.attempt),
    `${md(action.what)} (${action.slot})`,
    action.state,
    action.startedAt === null ? "never" : stamp(action.startedAt),
    String(action.tries),
    [...problem, ...action.evidence].map(md).join("; "),
    action.helped === null ? "not judged" : `${action.helped.verdict}: ${md(action.helped.text)}`,
    action.entries.map((seq) => `\\#${seq}`).join(", "),
  ];
}

function counts(rows: readonly ActionRow[]): string {
  const states = [...new Set(rows.map(({ state }) => state))];
  return states
    .map((state) => `${rows.filter((row) => row.state === state).length} ${state}`)
    .join(", ");
}

function withheld({ withheld }: Report): readonly string[] {
  return table(
    ["Time", "What", "State", "Why", "Source"],
    withheld.map((one) => [
      stamp(one.at),
      `${md(one.what)} (${md(one.attempt)})`,
      one.state,
      md(one.text),
      md(sourceText(one.source)),
    ]),
    "Nothing was withheld.",
  );
}

function told({ told }: Report): readonly string[] {
  return table(
    ["Made", "Notice", "Title", "Delivery"],
    told.map((one) => [
      stamp(one.at),
      `${md(one.notice)} (${one.kind})`,
      md(one.title),
      md(one.delivery),
    ]),
    "Nobody was told anything.",
  );
}

/** What only somebody outside said has no sample. */
function firstOf({ target }: Report["incident"]): string {
  return isOutside(target) ? "word of it" : "failing sample";
}

function durations({ durations, incident }: Report): readonly string[] {
  return [
    `All from the first ${firstOf(incident)}.`,
    "",
    ...table(
      ["Time to", "Took"],
      [
        ["detect", took(durations.detectMs)],
        ["acknowledge", "n/a (this version knows no acknowledgement)"],
        ["contain", took(durations.containMs)],
        ["act", took(durations.actMs)],
        ["recover", took(durations.recoverMs)],
        ["close", took(durations.closeMs)],
      ],
      "",
    ),
  ];
}

function took(ms: Millis | null): string {
  return ms === null ? "n/a" : spell(ms);
}

function followUps({ followUps }: Report): readonly string[] {
  return followUps.length === 0
    ? ["None that follow from the recorded facts."]
    : followUps.map(
        ({ text, sources }) =>
          `- [ ] ${md(text)} (${sources.map((one) => md(sourceText(one))).join(", ")})`,
      );
}

function citedText({ text, source }: Cited): string {
  return `${md(text)} (${md(sourceText(source))})`;
}
