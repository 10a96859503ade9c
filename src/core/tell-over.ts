import type { Attempt } from "../domain/attempt.ts";
import type { Incident } from "../domain/incident.ts";
import { spell, timeOfDay } from "../domain/time.ts";
import { signalWords } from "../domain/sample.ts";
import { otherBreach } from "./correlate.ts";
import type { Draft } from "./draft.ts";
import { leaseLines, remedyOf } from "./tell-parts.ts";
import type { Text } from "./tell-withheld.ts";
import { doneWords, wordsFor } from "./words.ts";

// What people read when it is well, or is called over.

/** The freeze may have failed, and it may have become well without a rollback: then neither is said. */
export function keptText(draft: Draft, incident: Incident): Text {
  const isFrozen = Object.values(draft.world().leases).some(
    ({ incident: of, state }) => of === incident.id && state !== "ended",
  );
  return {
    title: `Well again, and ${isFrozen ? "frozen" : "waiting for you"}: ${incident.target}`,
    lines: [
      helpedWords(draft, incident),
      ...leaseLines(draft, incident),
      "The branch still holds the bad release: revert it first.",
      `Then ${isFrozen ? "let deployments go on" : "say that it is over"}: signalman resolve ${incident.id}`,
    ],
  };
}

/** The load may still be there: what was added stays, and it is said for how long. */
export function sustainedText(draft: Draft, incident: Incident): Text {
  const { sustainMs = 0 } = draft.rules.runbooks[incident.snapshot.machine]?.limits ?? {};
  const until = draft.event.at + sustainMs;
  return {
    title: `Well again: ${incident.target}`,
    lines: [
      helpedWords(draft, incident),
      ...leaseLines(draft, incident),
      `If it stays well, what was added is taken back at ${timeOfDay(until)}.`,
      `To take it back now: signalman resolve ${incident.id}`,
    ],
  };
}

function helpedWords(draft: Draft, incident: Incident): string {
  const remedy = remedyOf(draft, incident);
  return remedy?.state === "effective" && incident.snapshot.context["helped"] === true
    ? `What helped: ${doneWords(draft.rules.actions, remedy)}${byLooks(remedy)}.`
    : `It recovered without an act of mine that is proven to have helped${remedy === undefined ? "" : ` (${wordsFor(remedy)})`}.`;
}

/** Too few users asked for a rate to be judged. */
function byLooks({ evidence }: Attempt): string {
  const looks = evidence["ownLooks"];
  return typeof looks === "number"
    ? ` (too few users asked: judged by ${looks} looks of mine, all answered well)`
    : "";
}

/**
 * By its last verdict, or by looks that counted as its traffic, while no other signal of it is breached; before the first look since the
 * start nothing is known.
 */
export function isSeenWell(draft: Draft, incident: Incident): boolean {
  const { signal, proof } = incident;
  if (otherBreach(draft, incident) !== null) return false;
  return draft.facts.signals[signal]?.state === "healthy" || proof?.ownLooks !== undefined;
}

export function askedBackText(draft: Draft, incident: Incident, what: string): Text {
  const other = otherBreach(draft, incident);
  const isFailing = draft.facts.signals[incident.signal]?.state === "breached" || other !== null;
  const doubt =
    other !== null
      ? `${signalWords(other)} is still breached`
      : isFailing
        ? "its last look is still bad"
        : "no look of mine says that it is well";
  return {
    title: isFailing ? `Really? It still fails: ${what}` : `Really? Not seen to be well: ${what}`,
    lines: [
      `I was told to resolve it, and ${doubt}.`,
      `If it is meant, say it again: signalman resolve ${incident.id}`,
    ],
  };
}

export function resolvedText(draft: Draft, incident: Incident): Text {
  const lasted = spell(draft.event.at - incident.onset);
  const { acknowledgedBy: by } = incident;
  // A person may end it without a look that says so, and whoever reads it should know.
  const title = isSeenWell(draft, incident)
    ? `Resolved: ${incident.target} is well`
    : `Closed${by === undefined ? "" : ` by ${by}`}: ${incident.target} is not seen to be well`;
  return {
    title,
    lines: [
      `From ${timeOfDay(incident.onset)} to ${timeOfDay(draft.event.at)} (${lasted}, watch included${backWords(incident)}).`,
      helpedWords(draft, incident),
      ...leaseLines(draft, incident),
      `Report: signalman report ${incident.id} --format md`,
    ],
  };
}

function backWords({ returned }: Incident): string {
  if (returned === undefined) return "";
  return `; it came back ${returned.times === 1 ? "once" : `${returned.times} times`}`;
}
