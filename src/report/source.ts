import type { Beat, Story } from "./story.ts";
import { signalKey } from "../domain/sample.ts";
import type { Instant } from "../domain/time.ts";
import type { Verdict } from "../domain/verdict.ts";
import { stamp } from "./words.ts";

/** Where a sentence of a report can be looked up. */
export type Source =
  | { readonly kind: "journal"; readonly seq: number }
  | { readonly kind: "sample"; readonly at: Instant }
  | { readonly kind: "notice"; readonly id: string };

/** A sentence with its moment and its source. */
export interface Cited {
  readonly at: Instant;
  readonly text: string;
  readonly source: Source;
}

export function cite(beat: Beat, text: string): Cited {
  return { at: beat.entry.at, text, source: { kind: "journal", seq: beat.entry.seq } };
}

/** `journal #12`, `sample 2026-08-01 21:04:09 UTC`, `notice 9c1b03aa01!1`. */
export function sourceText(source: Source): string {
  switch (source.kind) {
    case "journal":
      return `journal #${source.seq}`;
    case "sample":
      return `sample ${stamp(source.at)}`;
    default:
      return `notice ${source.id}`;
  }
}

/** The journalled verdicts of the incident's own signal, in order: the only samples that count for it. */
export function ownVerdicts(story: Story): readonly { beat: Beat; verdict: Verdict }[] {
  return story.beats.flatMap((beat) => {
    const { event } = beat.entry;
    return event.type === "verdict" && signalKey(event.verdict.signal) === story.incident.signal
      ? [{ beat, verdict: event.verdict }]
      : [];
  });
}
