import { ACT_SLOTS } from "../domain/runbook.ts";
import type { Ending } from "../domain/incident.ts";
import { spell, type Instant } from "../domain/time.ts";
import type { Cited } from "./source.ts";
import type { Story } from "./story.ts";
import { plain, stamp, timesOf, wish } from "./words.ts";

/** Two or three sentences for those who read nothing else. */
export function summaryOf(story: Story, recovery: Cited | null, now: Instant): string {
  const { incident } = story;
  const what = `${plain(incident.kind)} of ${plain(incident.target)}`;
  const end = recovery?.at ?? incident.closedAt;
  const lasted = spell((end ?? now) - incident.onset);
  const cause = incident.cause === null ? "" : ` Cause: ${plain(incident.cause)}.`;
  const { returned } = incident;
  const back = returned === undefined ? "" : `; it came back ${timesOf(returned.times)}`;
  if (incident.ending === null) {
    const since = end === null ? lasted : `well again after ${lasted}, still being watched`;
    return `${what} since ${stamp(incident.onset)} (${since}${back}).${cause} ${helpText(story)} It is still open (${plain(incident.state)}).`;
  }
  const words: Readonly<Record<Ending, string>> = {
    "false-alarm": `False alarm: ${plain(incident.target)} seemed to fail from ${stamp(incident.onset)} and was found up before anything was done.`,
    attached: `${what} turned out to belong to another incident, which tells the rest.`,
    resolved: `${what} from ${stamp(incident.onset)} to ${stamp(end ?? incident.onset)} (${lasted}${back}).${cause} ${helpText(story)} It is resolved.`,
  };
  return words[incident.ending];
}

/** What helped, in one sentence; `restart of postgres` or nothing that is proven. */
export function helpText(story: Pick<Story, "attempts">): string {
  const remedies = story.attempts.filter(({ slot }) => ACT_SLOTS.includes(slot));
  const helped = remedies.find(({ state }) => state === "effective");
  if (helped !== undefined) return `What helped: ${wish(helped)}.`;
  const tried = remedies.map((attempt) => `${wish(attempt)} (${attempt.state})`).join(", ");
  return tried === ""
    ? "No remedy was tried."
    : `No act of Signalman is proven to have helped: ${tried}.`;
}
