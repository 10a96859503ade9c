import { isRecheck } from "../domain/attempt.ts";
import type { Incident } from "../domain/incident.ts";
import type { Draft } from "./draft.ts";
import { evidenceLines } from "./tell-parts.ts";
import type { Text } from "./tell-withheld.ts";

/** What was held is not as it was left. By whom is not known: an act brought old settings back, or a person has changed it. */
export function goneText(draft: Draft, incident: Incident): Text {
  const look = Object.values(draft.world().attempts).findLast(
    (attempt) => attempt.incident === incident.id && isRecheck(attempt) && attempt.state === "seen",
  );
  return {
    title: `Not as I left it: ${look?.action ?? "what I did"} of ${look?.target ?? incident.target}`,
    lines: [
      ...evidenceLines(look),
      "I had set it for this incident. I do not set it again, and have nothing to take back any more.",
    ],
  };
}
