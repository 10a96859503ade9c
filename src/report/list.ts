import { ACT_SLOTS } from "../domain/runbook.ts";
import type { Attempt } from "../domain/attempt.ts";
import type { Incident } from "../domain/incident.ts";
import { spell, type Instant, type Millis } from "../domain/time.ts";
import { standing } from "./head.ts";
import { alignedTable } from "./table.ts";
import { plain, stamp, timesOf, wish } from "./words.ts";

/** One incident in a list. */
export interface Listed {
  readonly id: string;
  readonly kind: string;
  readonly target: string;
  readonly state: string;
  readonly ending: Incident["ending"];
  readonly parked: string | null;
  /** How often it was over and came back. */
  readonly returns: number;
  readonly openedAt: Instant;
  readonly closedAt: Instant | null;
  /** From the first failing sample to the close, or to now. */
  readonly lastedMs: Millis;
  /** The remedy that is proven to have helped. */
  readonly helped: string | null;
}

export function listed(incident: Incident, attempts: readonly Attempt[], now: Instant): Listed {
  const helped = attempts.find(
    ({ slot, state }) => ACT_SLOTS.includes(slot) && state === "effective",
  );
  return {
    id: incident.id,
    kind: incident.kind,
    target: incident.target,
    state: incident.state,
    ending: incident.ending,
    parked: incident.parked,
    returns: incident.returned?.times ?? 0,
    openedAt: incident.openedAt,
    closedAt: incident.closedAt,
    lastedMs: (incident.closedAt ?? now) - incident.onset,
    helped: helped === undefined ? null : wish(helped),
  };
}

/** The list as an aligned table, in the order given. */
export function renderList(rows: readonly Listed[]): string {
  if (rows.length === 0) return "No incidents yet.";
  return alignedTable(
    ["ID", "KIND", "TARGET", "STATE", "OPENED", "LASTED", "WHAT HELPED"],
    rows.map((row) => [
      row.id,
      plain(row.kind),
      plain(row.target),
      `${standing(row)}${row.returns === 0 ? "" : `, back ${timesOf(row.returns)}`}`,
      stamp(row.openedAt),
      spell(row.lastedMs),
      row.helped ?? "–",
    ]),
  ).join("\n");
}
