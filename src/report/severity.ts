import { wordsOf } from "../../state-machines/index.ts";
import type { Severity as OfKind } from "../../state-machines/vocabulary.ts";
import type { Incident } from "../domain/incident.ts";

export type Severity = OfKind | "low";

/** How bad it was, by its kind. A false alarm is low whatever it looked like; an unknown kind is medium. */
export function severityOf({ kind, ending }: Pick<Incident, "kind" | "ending">): Severity {
  return ending === "false-alarm" ? "low" : (wordsOf(kind).severity ?? "medium");
}
