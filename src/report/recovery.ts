import { cite, ownVerdicts, type Cited } from "./source.ts";
import type { Story } from "./story.ts";
import { verdictText } from "./words.ts";

/**
 * When the symptom was gone for good, as far as the journal goes: the first healthy verdict after the last one
 * that was not. `null` while there is none; no data is never health.
 */
export function recoveryOf(story: Story): Cited | null {
  const verdicts = ownVerdicts(story);
  const lastBad = verdicts.findLastIndex(({ verdict }) => verdict.state !== "healthy");
  const first = verdicts[lastBad + 1];
  return first === undefined ? null : cite(first.beat, verdictText(first.verdict));
}
