import type { Incident } from "../domain/incident.ts";
import type { Instant } from "../domain/time.ts";
import { plain } from "./words.ts";
import type { Story } from "./story.ts";

/** What people recognise an incident by. */
export interface Head {
  readonly id: string;
  readonly kind: string;
  readonly target: string;
  readonly signal: string;
  readonly state: string;
  readonly ending: Incident["ending"];
  readonly cause: string | null;
  readonly onset: Instant;
  /** How often it was over and came back. */
  readonly returns: number;
  readonly openedAt: Instant;
  readonly closedAt: Instant | null;
}

export function headOf({ incident }: Pick<Story, "incident">): Head {
  return {
    id: incident.id,
    kind: incident.kind,
    target: incident.target,
    signal: incident.signal,
    state: incident.state,
    ending: incident.ending,
    cause: incident.cause,
    onset: incident.onset,
    returns: incident.returned?.times ?? 0,
    openedAt: incident.openedAt,
    closedAt: incident.closedAt,
  };
}

/** `resolved`, or `still open (escalated)`. */
export function standing(
  incident: Pick<Incident, "ending" | "state"> & { parked?: string | null },
): string {
  if (incident.ending !== null) return incident.ending;
  return `still open (${incident.parked === undefined || incident.parked === null ? plain(incident.state) : "its machine stopped"})`;
}
