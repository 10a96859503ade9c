import type { Attempt } from "../domain/attempt.ts";
import type { Pause } from "../domain/event.ts";
import { isOutside } from "../domain/hint.ts";
import { noticeId } from "../domain/ids.ts";
import type { Incident } from "../domain/incident.ts";
import { textOf } from "../domain/json.ts";
import type { NoticeKind } from "../domain/notice.ts";
import { PROBLEMS, type ProblemCode } from "../domain/problem.ts";
import { spell, timeOfDay } from "../domain/time.ts";
import { pathsOf } from "./confirm.ts";
import type { Draft } from "./draft.ts";
import { modeFor } from "./safeguard.ts";
import { outsideText } from "./tell-outside.ts";

/** Puts into the outbox what a person must know now. Written for someone half-awake: result first, then what to do. */
export function tell(draft: Draft, incident: Incident, kind: NoticeKind): void {
  const number = incident.notices + 1;
  const { title, lines } = compose(draft, incident, kind);
  draft.putIncident({ ...incident, notices: number });
  draft.addNotice({
    id: noticeId(incident.id, number),
    incident: incident.id,
    kind,
    at: draft.event.at,
    title,
    lines: [...lines, ...pauseLines(draft), `Details: signalman why ${incident.id}`],
  });
}

export function tellPause(draft: Draft, pause: Pause | null): void {
  const held = Object.values(draft.world().attempts).filter((attempt) =>
    ["planned", "held", "awaiting-approval"].includes(attempt.state),
  );
  if (pause === null) {
    tellAll(
      draft,
      "resumed",
      "Resumed: I may act again",
      held.map((attempt) => `Goes on: ${wishOf(attempt)}`),
    );
    return;
  }
  const what = pause.target === null ? "everything" : pause.target;
  tellAll(draft, "paused", `Paused by ${pause.by}: I watch and do nothing (${what})`, [
    ...held.map((attempt) => `Held: ${wishOf(attempt)}`),
    pause.includingUndo
      ? "Undo is paused too; switches of the app end by themselves at their time."
      : "Switches that must end are still ended.",
    "To go on: signalman resume",
  ]);
}

/** A notice that belongs to no incident. */
export function tellAll(
  draft: Draft,
  kind: NoticeKind,
  title: string,
  lines: readonly string[],
): void {
  const number = (draft.world().marks.notices ?? 0) + 1;
  draft.putMarks({ notices: number });
  draft.addNotice({
    id: noticeId("all", number),
    incident: null,
    kind,
    at: draft.event.at,
    title,
    lines,
  });
}

interface Text {
  readonly title: string;
  readonly lines: readonly string[];
}

const KIND_WORDS: Readonly<Record<string, string>> = {
  "database-down": "Database down",
  "service-down": "Service down",
  "redis-down": "Redis down",
};

function compose(draft: Draft, incident: Incident, kind: NoticeKind): Text {
  if (isOutside(incident.target) && incident.parked === null)
    return outsideText(draft, incident, kind);
  const what = `${KIND_WORDS[incident.kind] ?? incident.kind}: ${incident.target}`;
  switch (kind) {
    case "opened":
      return {
        title: what,
        lines: [...openingLines(draft, incident), ...nextLines(draft, incident)],
      };
    case "false-alarm":
      return {
        title: `False alarm: ${incident.target} answers`,
        lines: [...openingLines(draft, incident), "A second look found it up. Nothing was done."],
      };
    case "withheld":
      return withheldText(draft, incident);
    case "acted":
      return {
        title: `Done: ${pastWordsFor(remedyOf(draft, incident))}`,
        lines: [
          ...evidenceLines(remedyOf(draft, incident)),
          "It happened; whether it helped is decided by fresh samples now.",
        ],
      };
    case "escalated":
      return escalatedText(draft, incident, what);
    case "relapsed":
      return {
        title: `Down again: ${incident.target}`,
        lines: ["It failed again while I was watching whether it stays well."],
      };
    case "resolved":
      return resolvedText(draft, incident);
    case "attached":
      return {
        title: `Explained: ${incident.target}`,
        lines: ["It is a symptom of a failure of something it needs; that incident goes on."],
      };
    case "undo-failed":
      return {
        title: `Needs a person: a switch of the app does not go off`,
        lines: [
          ...leaseLines(draft, incident),
          "I keep trying. The app ends it by itself at that time.",
        ],
      };
    default:
      return { title: `${kind}: ${what}`, lines: [] };
  }
}

function openingLines(draft: Draft, incident: Incident): readonly string[] {
  const confirmation = attemptsOf(draft, incident)
    .filter((attempt) => attempt.slot === "confirm" && attempt.state === "seen")
    .at(-1);
  const paths = confirmation === undefined ? [] : pathsOf(confirmation.evidence);
  const signal = draft.facts.signals[incident.signal];
  const code = signal?.problem ?? incident.cause;
  return [
    `Failing since ${timeOfDay(incident.onset)}${code === null ? "" : `: ${describe(code)}`}.`,
    ...paths.map((path) => `Second look by ${path.path}: ${path.saw} (${path.detail})`),
  ];
}

function nextLines(draft: Draft, incident: Incident): readonly string[] {
  const runbook = draft.rules.runbooks[incident.snapshot.machine];
  if (runbook?.slots.remedy === undefined) {
    return [
      "I watch and do nothing: there is no runbook for this yet.",
      ...(runbook?.advice ?? []),
    ];
  }
  const lease = leaseLines(draft, incident);
  const contain = attemptsOf(draft, incident).find((attempt) => attempt.slot === "contain");
  const lines =
    lease.length > 0
      ? lease
      : contain === undefined
        ? []
        : [`Not contained: ${wordsFor(contain)}.`];
  return [
    ...lines,
    isShadowed(draft, incident)
      ? "Next: I ask Railway what it sees, and write down what I would do; nothing is done in shadow mode."
      : "Next: I ask Railway what it sees, and restart only what is crashed or not answering.",
  ];
}

/** Whether the remedy of this incident would only be written down. */
function isShadowed(draft: Draft, incident: Incident): boolean {
  const action = draft.rules.runbooks[incident.snapshot.machine]?.slots.remedy?.action ?? "";
  return modeFor(draft.rules.modes, [action, incident.target, incident.kind]) === "shadow";
}

function withheldText(draft: Draft, incident: Incident): Text {
  const attempt = attemptsOf(draft, incident)
    .filter(({ state, slot }) => slot !== "renew" && ["held", "awaiting-approval"].includes(state))
    .at(-1);
  const code = attempt?.problem?.code ?? "paused";
  return {
    title: `Held back: ${attempt === undefined ? incident.target : `${attempt.action} of ${attempt.target}`} (${code})`,
    lines: [
      `I would ${attempt === undefined ? "act" : `${attempt.action} ${attempt.target}`} now. Why not: ${attempt?.problem?.detail ?? PROBLEMS[code]}.`,
      ...(incident.cause === null ? [] : [`Cause: ${describe(incident.cause)}.`]),
      code === "paused"
        ? "To let me: signalman resume"
        : `I look again until ${attempt === undefined ? "it is over" : timeOfDay(attempt.expiresAt)}; then a person has it.`,
    ],
  };
}

function escalatedText(draft: Draft, incident: Incident, what: string): Text {
  const reason = textOf(incident.snapshot.context["reason"]);
  const remedy = remedyOf(draft, incident);
  return {
    title: `Needs a person: ${what}`,
    lines: [
      incident.parked === null
        ? `Why: ${REASONS[reason] ?? describe(reason)}.`
        : `Why: its machine stopped: ${incident.parked}.`,
      ...(incident.cause === null ? [] : [`Cause: ${describe(incident.cause)}.`]),
      ...(remedy === undefined ? [] : [`Tried: ${wordsFor(remedy)}.`]),
      ...leaseLines(draft, incident),
      ...(draft.rules.runbooks[incident.snapshot.machine]?.advice ?? []).map(
        (line) => `To do: ${line}`,
      ),
      ...(incident.parked === null ? ["I go on watching and say when it is well."] : []),
    ],
  };
}

function resolvedText(draft: Draft, incident: Incident): Text {
  const remedy = remedyOf(draft, incident);
  const lasted = spell(draft.event.at - incident.onset);
  return {
    title: `Resolved: ${incident.target} is well`,
    lines: [
      `From ${timeOfDay(incident.onset)} to ${timeOfDay(draft.event.at)} (${lasted}, watch included).`,
      remedy?.state === "effective" && incident.snapshot.context["helped"] === true
        ? `What helped: ${pastWordsFor(remedy)}.`
        : `It recovered without an act of mine that is proven to have helped${remedy === undefined ? "" : ` (${wordsFor(remedy)})`}.`,
      ...leaseLines(draft, incident),
      `Report: signalman report ${incident.id} --format md`,
    ],
  };
}

function leaseLines(draft: Draft, incident: Incident): readonly string[] {
  return Object.values(draft.world().leases)
    .filter((lease) => lease.incident === incident.id)
    .map((lease) => {
      switch (lease.state) {
        case "asked":
          return `${lease.switch} mode: asked for, not confirmed by the app.`;
        case "active":
          return `${lease.switch} mode: on until ${timeOfDay(lease.until)}, renewed while needed; the app tells its users.`;
        case "ending":
          return `${lease.switch} mode: being switched off; ends by itself at ${timeOfDay(lease.until)}.`;
        case "ended":
          return `${lease.switch} mode: off.`;
      }
    });
}

function evidenceLines(attempt: Attempt | undefined): readonly string[] {
  const shown = attempt?.evidence["shown"];
  return Array.isArray(shown) ? shown.map((line) => `Evidence: ${textOf(line)}`) : [];
}

function pauseLines(draft: Draft): readonly string[] {
  const pause = draft.world().marks.pause;
  return pause === undefined || pause === null
    ? []
    : [`(Paused by ${pause.by} since ${timeOfDay(pause.since)}.)`];
}

function attemptsOf(draft: Draft, incident: Incident): readonly Attempt[] {
  return Object.values(draft.world().attempts).filter(
    (attempt) => attempt.incident === incident.id,
  );
}

function remedyOf(draft: Draft, incident: Incident): Attempt | undefined {
  return attemptsOf(draft, incident)
    .filter((attempt) => attempt.slot === "remedy")
    .at(-1);
}

/** `restart of postgres: unknown (the platform does not show whether it happened)`. */
function wordsFor(attempt: Attempt): string {
  const detail = attempt.problem === null ? "" : ` (${attempt.problem.detail})`;
  return `${wishOf(attempt)}: ${attempt.state}${detail}`;
}

/** `restart of postgres`, `read-only on`. */
function wishOf(attempt: Attempt): string {
  const name = attempt.params["switch"];
  return name === undefined
    ? `${attempt.action} of ${attempt.target}`
    : `${textOf(name)} ${textOf(attempt.params["value"], "on")}`;
}

function pastWordsFor(attempt: Attempt | undefined): string {
  if (attempt === undefined) return "nothing";
  return attempt.action === "restart"
    ? `restarted ${attempt.target}`
    : `${attempt.action} of ${attempt.target}`;
}

/** The machines' own words for why a person is called. */
const REASONS: Readonly<Record<string, string>> = {
  unconfirmed: "no second path could confirm it, and I do not act on doubt",
  "nothing-to-do": "nothing I may do would help",
  "platform-silent": "Railway did not answer my questions in time",
  "remedy-exhausted": "I may not try more, and it is still failing",
  "waited-in-vain": "I waited for it to come up and it did not",
  "remedy-ineffective": "the act happened and did not help",
  "no-fresh-samples": "I get no fresh samples and cannot say whether it is well",
};

const CAUSES: Readonly<Record<string, string>> = {
  crashed: "the process has crashed",
  "not-answering": "the process runs and does not answer",
  "refusing-connections": "the process runs and refuses connections",
  "dropping-connections": "the process runs and drops connections",
  recovering: "the database is recovering and asks for patience",
  restarting: "Railway is restarting it",
  "volume-full": "its volume is full",
  "stopped-by-a-person": "the deployment was stopped by a person",
  sleeping: "the deployment is asleep",
  "cannot-look": "I cannot look (credentials, TLS or DNS)",
  unclear: "what Railway shows explains nothing",
};

function describe(code: string): string {
  return CAUSES[code] ?? (Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code as ProblemCode] : code);
}
