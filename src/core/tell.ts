import { wordsOf } from "../../state-machines/index.ts";
import { type Attempt, UNSTARTED } from "../domain/attempt.ts";
import { isOutside } from "../domain/hint.ts";
import { noticeId } from "../domain/ids.ts";
import { type Incident, presentOnset, type Return } from "../domain/incident.ts";
import { textOf } from "../domain/json.ts";
import type { NoticeKind } from "../domain/notice.ts";
import { pauseWords } from "../domain/pause.ts";
import { timeOfDay } from "../domain/time.ts";
import { pathsOf } from "./confirm.ts";
import type { Draft } from "./draft.ts";
import { modeFor } from "./safeguard.ts";
import { describe, doneWords, numbersLine, REASONS, titleOf, wordsFor } from "./words.ts";
import { goneText } from "./tell-gone.ts";
import { outsideText } from "./tell-outside.ts";
import { askedBackText, keptText, resolvedText, sustainedText } from "./tell-over.ts";
import { attemptsOf, evidenceLines, leaseLines, remedyOf } from "./tell-parts.ts";
import { type Text, waitingLines, withheldText } from "./tell-withheld.ts";

/**
 * Puts into the outbox what a person must know now. Written for someone half-awake: result first, then what to do. `of`: the attempt
 * that is withheld, where that is not the one for which the machine waits.
 */
export function tell(draft: Draft, incident: Incident, kind: NoticeKind, of?: Attempt): void {
  const isSilenced = (incident.silencedUntil ?? 0) > draft.event.at;
  const isQuestion =
    kind === "withheld" &&
    attemptsOf(draft, incident).some(({ state }) => state === "awaiting-approval");
  if (isSilenced && !isQuestion && !THROUGH_SILENCE.includes(kind)) return;
  const number = incident.notices + 1;
  const { title, lines } = compose(draft, incident, kind, of);
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

/** What a person hears although they wanted silence: what needs them, and the end; a question too. */
const THROUGH_SILENCE: readonly NoticeKind[] = [
  "escalated",
  "undo-failed",
  "asked-back",
  "resolved",
  "kept",
];

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
    lines: kind === "paused" ? lines : [...lines, ...pauseLines(draft)],
  });
}

function compose(draft: Draft, incident: Incident, kind: NoticeKind, of?: Attempt): Text {
  if (isOutside(incident.target) && incident.parked === null)
    return outsideText(draft, incident, kind);
  const what = titleOf(incident.kind, incident.target);
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
      return withheldText(draft, incident, of);
    case "acted":
      return {
        title: `Done: ${doneWords(draft.rules.actions, remedyOf(draft, incident))}`,
        lines: [
          ...evidenceLines(remedyOf(draft, incident)),
          "It happened; whether it helped is decided by fresh samples now.",
        ],
      };
    case "escalated":
      return escalatedText(draft, incident, what);
    case "relapsed":
      return relapsedText(draft, incident, what);
    case "resolved":
      return resolvedText(draft, incident);
    case "attached":
      return {
        title: `Explained: ${incident.target}`,
        lines: [`It belongs to ${explainingWords(draft, incident)}, which goes on.`],
      };
    case "kept":
      return keptText(draft, incident);
    case "sustained":
      return sustainedText(draft, incident);
    case "reminder":
      return {
        title: `Still needs a person: ${what}`,
        lines: [
          `Failing since ${timeOfDay(presentOnset(incident))}.`,
          `To stop these reminders: signalman ack ${incident.id}`,
        ],
      };
    case "asked-back":
      return askedBackText(draft, incident, what);
    case "gone":
      return goneText(draft, incident);
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
  const seen = numbersLine(signal);
  return [
    `Failing since ${timeOfDay(presentOnset(incident))}${code === null ? "" : `: ${describe(code)}`}.`,
    ...(seen === null ? [] : [seen]),
    ...paths.map((path) => `Second look by ${path.path}: ${path.saw} (${path.detail})`),
  ];
}

function nextLines(draft: Draft, incident: Incident): readonly string[] {
  const runbook = draft.rules.runbooks[incident.snapshot.machine];
  if (runbook?.slots.remedy === undefined && runbook?.slots.fallback === undefined) {
    return [
      "I watch and do nothing: there is no runbook for this yet.",
      ...(runbook?.advice ?? []),
    ];
  }
  const lease = leaseLines(draft, incident);
  const contain = attemptsOf(draft, incident).findLast((attempt) => attempt.slot === "contain");
  const waiting = waitingLines(draft, incident);
  // One way may be over while another one waits.
  const isOpen = contain !== undefined && UNSTARTED.includes(contain.state);
  const isNot = waiting.length === 0 && contain !== undefined && (isOpen || lease.length === 0);
  return [
    ...lease,
    ...waiting,
    ...(isNot ? [`Not contained: ${wordsFor(contain)}.`] : []),
    isShadowed(draft, incident)
      ? "Next: I ask Railway what it sees, and write down what I would do; nothing is done in shadow mode."
      : (wordsOf(incident.kind).next ??
        "Next: I ask Railway what it sees, and act only on what that shows."),
  ];
}

/** Whether the remedy of this incident would only be written down. */
function isShadowed(draft: Draft, incident: Incident): boolean {
  const action = draft.rules.runbooks[incident.snapshot.machine]?.slots.remedy?.action ?? "";
  return modeFor(draft.rules.modes, [action, incident.target, incident.kind]) === "shadow";
}

function relapsedText(draft: Draft, incident: Incident, what: string): Text {
  const { returned, notices } = incident;
  if (returned?.notices !== notices) {
    return {
      title: `Down again: ${incident.target}`,
      lines: ["It failed again while I was watching whether it stays well."],
    };
  }
  return {
    title: `Again: ${what}`,
    lines: [
      ...openingLines(draft, incident),
      `${calmWords(returned)} It is the same incident: what was tried in it counts, and what did not help is not tried again.`,
      ...nextLines(draft, incident),
    ],
  };
}

/** A person may have called it over while it failed. */
function calmWords({ onset, wellSince }: Return): string {
  return onset > wellSince
    ? `It had been well since ${timeOfDay(wellSince)}.`
    : `It was called over at ${timeOfDay(wellSince)} and goes on failing.`;
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
      ...waitingLines(draft, incident),
      ...(draft.rules.runbooks[incident.snapshot.machine]?.advice ?? []).map(
        (line) => `To do: ${line}`,
      ),
      ...(incident.parked === null ? ["I go on watching and say when it is well."] : []),
    ],
  };
}

function explainingWords(draft: Draft, { id, signal }: Incident): string {
  const found = Object.values(draft.world().incidents).find(
    (one) =>
      one.id !== id &&
      one.closedAt === null &&
      (one.signal === signal || one.symptoms.includes(signal)),
  );
  return found === undefined
    ? "another incident"
    : `"${titleOf(found.kind, found.target)}" (${found.id})`;
}

function pauseLines(draft: Draft): readonly string[] {
  const pause = draft.world().marks.pause;
  return pause === undefined || pause === null ? [] : [`(Paused: ${pauseWords(pause)}.)`];
}
