import { spell, timeOfDay, type Instant } from "../domain/time.ts";
import { standing } from "./head.ts";
import type { Line } from "./lines.ts";
import type { Section, Why } from "./why.ts";
import { plain, stamp } from "./words.ts";

/** The chain as text for a terminal at 03:00: by act, one sentence a line, each with its journal entry and time. */
export function renderWhy({ incident, sections }: Why, now: Instant): string {
  const lasted = spell((incident.closedAt ?? now) - incident.onset);
  return [
    `${plain(incident.kind)} of ${plain(incident.target)} (${incident.id}): ${standing(incident)}`,
    `From ${stamp(incident.onset)} to ${incident.closedAt === null ? "now" : stamp(incident.closedAt)}, ${lasted}.${incident.cause === null ? "" : ` Cause: ${plain(incident.cause)}.`}`,
    "[#n] is the entry in the journal, the time is UTC.",
    ...sections.flatMap((section, index) => ["", ...sectionText(section, index + 1)]),
  ].join("\n");
}

function sectionText(section: Section, number: number): readonly string[] {
  const state = section.state === null ? "" : `: ${section.state}`;
  const marks = section.lines.map(markOf);
  const width = Math.max(0, ...marks.map((mark) => mark.length));
  let event = "";
  return [
    `${number}. ${section.title}${state}`,
    ...section.lines.map((line, index) => {
      const isNew = line.event !== event;
      event = line.event;
      const mark = (marks[index] ?? "").padEnd(width);
      return `   ${mark}  ${isNew ? "" : "  "}${line.text}${isNew ? ` (event ${plain(line.event)})` : ""}`;
    }),
  ];
}

function markOf({ seq, at, through }: Line): string {
  const time = (moment: Instant): string => timeOfDay(moment).replace(" UTC", "");
  return through === undefined
    ? `[#${seq}] ${time(at)}`
    : `[#${seq}–#${through.seq}] ${time(at)}–${time(through.at)}`;
}
