import { withheldOf, type Withheld } from "./actions.ts";
import { headOf, type Head } from "./head.ts";
import { eventText } from "./lines.ts";
import { cite, sourceText, type Cited } from "./source.ts";
import type { Story } from "./story.ts";
import { plain, stamp } from "./words.ts";

/** Why one action was not done, as far as it was ever considered. */
export interface Refusals {
  readonly version: 1;
  readonly incident: Head;
  readonly action: string;
  readonly refusals: readonly Withheld[];
  /** Slots that nothing in the configuration fills: what was never even wished for. */
  readonly unfilled: readonly Cited[];
  readonly wasAsked: boolean;
}

/** `action` is an action's name, or the name of a switch. */
export function refusalsOf(story: Story, action: string): Refusals {
  const ids = story.attempts
    .filter(({ action: name, params }) => name === action || params["switch"] === action)
    .map(({ id }) => id as string);
  return {
    version: 1,
    incident: headOf(story),
    action,
    refusals: withheldOf(story).filter(({ attempt }) => ids.includes(attempt)),
    unfilled: story.beats.flatMap((beat) =>
      beat.entry.decision.reasons
        .filter(({ code }) => code === "not-configured" && !beat.shared)
        .map(({ text }) => cite(beat, `${plain(text)}, when ${eventText(beat.entry.event)}`)),
    ),
    wasAsked: ids.length > 0,
  };
}

export function renderRefusals({
  incident,
  action,
  refusals,
  unfilled,
  wasAsked,
}: Refusals): string {
  const what = `${plain(action)} in ${plain(incident.kind)} of ${plain(incident.target)} (${incident.id})`;
  if (refusals.length === 0) {
    return [
      wasAsked
        ? `${what} was never held back. What it did: signalman why ${incident.id}`
        : `${what} was never asked for: no state the incident was in wished for it.`,
      ...unfilled.map(({ at, text, source }) => `  ${stamp(at)}  ${text} (${sourceText(source)})`),
    ].join("\n");
  }
  return [
    `Why not ${what}:`,
    ...refusals.map(
      (one) =>
        `  ${stamp(one.at)}  ${one.state}: ${one.text} (attempt ${one.attempt}, ${sourceText(one.source)})`,
    ),
  ].join("\n");
}
