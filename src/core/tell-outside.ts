import { isGrave, type Said } from "../domain/hint.ts";
import type { Incident } from "../domain/incident.ts";
import type { NoticeKind } from "../domain/notice.ts";
import { spell, timeOfDay } from "../domain/time.ts";
import type { Draft } from "./draft.ts";

/** More alerts than this are counted, not listed: a person reads the first lines only. */
const LISTED_MAX = 5;

/** What people are told of alerts from outside that no look of our own can check. */
export function outsideText(
  draft: Draft,
  incident: Incident,
  kind: NoticeKind,
): { readonly title: string; readonly lines: readonly string[] } {
  const source = incident.target.split(" ").at(-1) ?? incident.target;
  const { event, rules } = draft;
  const quiet = spell(rules.runbooks[incident.snapshot.machine]?.limits["quietMs"] ?? 0);
  const said = event.type === "hint" ? event.said.filter(isGrave) : [];
  const [first] = said;
  if (kind === "resolved") {
    const isQuiet = event.type === "timer";
    return {
      title: isQuiet ? `Closed: ${source} says nothing more` : `Resolved, says ${source}`,
      lines: [
        isQuiet
          ? `Nobody called it over; for ${quiet} I heard nothing of ${namesOf(incident)}.`
          : "It says that all of its alerts I told you of are over.",
        "I could not look myself, neither when it began nor now.",
      ],
    };
  }
  return {
    title: `${source}: ${first?.about ?? "alerts"} (${first?.severity ?? "unknown"})`,
    lines: [
      ...said.slice(0, LISTED_MAX).map(sentence),
      ...(said.length > LISTED_MAX ? [`And ${said.length - LISTED_MAX} more.`] : []),
      "It fits nothing that I guard, so I cannot look, and I do nothing.",
      `I say when ${source} calls it over, or when I heard nothing of it for ${quiet}.`,
    ],
  };
}

function sentence({ about, severity, words, at }: Said): string {
  return `${timeOfDay(at)} ${severity}: ${about}${words === about ? "" : `: ${words}`}`;
}

function namesOf({ symptoms }: Incident): string {
  return [...new Set(symptoms.map((key) => key.split("|")[1] ?? key))].join(", ");
}
