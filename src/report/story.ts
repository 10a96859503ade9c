import type { Attempt } from "../domain/attempt.ts";
import type { Head } from "../domain/chain.ts";
import type { IncidentId } from "../domain/ids.ts";
import type { Incident } from "../domain/incident.ts";
import type { Lease } from "../domain/lease.ts";
import type { Delivery, Notice } from "../domain/notice.ts";
import { partsOf } from "../domain/pause.ts";
import type { Entry } from "../domain/world.ts";

/** What one journal entry did to one incident. `before: null` means that the row was made by it. */
export interface Beat {
  readonly entry: Entry;
  readonly incident: Turn<Incident> | null;
  readonly attempts: readonly Turn<Attempt>[];
  readonly leases: readonly Turn<Lease>[];
  readonly notices: readonly Notice[];
  /** True when the entry touches other incidents too: its reasons may then be about them. */
  readonly shared: boolean;
}

/** A row before and after. */
export interface Turn<Row> {
  readonly before: Row | null;
  readonly row: Row;
}

/**
 * One incident as the journal tells it. The rows are the last ones the entries hold, so that nothing here can
 * be newer than the beats, even while a daemon goes on writing.
 */
export interface Story {
  readonly incident: Incident;
  readonly attempts: readonly Attempt[];
  readonly leases: readonly Lease[];
  readonly beats: readonly Beat[];
  readonly deliveries: readonly Delivery[];
  /** The head of the journal when it was read: no older than the last beat. */
  readonly head: Head | null;
}

/** Picks the story of one incident out of journal entries that are shown to it in order. */
export interface Teller {
  see(entry: Entry): void;
  /** `null` when no entry opened the incident. */
  story(deliveries: readonly Delivery[], head: Head | null): Story | null;
}

/**
 * Keeps what belongs to the incident and forgets the rest at once, so that a long journal needs no memory. What is
 * about all of Signalman (a pause, a start) belongs to it while it is open.
 */
export function createTeller(id: IncidentId): Teller {
  const attempts = new Map<string, Attempt>();
  const leases = new Map<string, Lease>();
  const beats: Beat[] = [];
  let incident: Incident | null = null;
  return {
    see(entry) {
      const beat = beatOf(entry, id, { incident, attempts, leases });
      incident = beat.incident?.row ?? incident;
      for (const { row } of beat.attempts) attempts.set(row.id, row);
      for (const { row } of beat.leases) leases.set(row.id, row);
      if (isPartOf(beat, incident)) beats.push(beat);
    },
    story: (deliveries, head) =>
      incident === null
        ? null
        : {
            incident,
            attempts: [...attempts.values()],
            leases: [...leases.values()],
            beats,
            deliveries,
            head,
          },
  };
}

interface Known {
  readonly incident: Incident | null;
  readonly attempts: ReadonlyMap<string, Attempt>;
  readonly leases: ReadonlyMap<string, Lease>;
}

function beatOf(entry: Entry, id: IncidentId, known: Known): Beat {
  const { changes } = entry.decision;
  const incidents = changes.flatMap((change) => (change.table === "incidents" ? [change.row] : []));
  const mine = incidents.find((row) => row.id === id);
  const leases = changes.flatMap((change) =>
    change.table === "leases" && (change.row.incident === id || known.leases.has(change.row.id))
      ? [{ before: known.leases.get(change.row.id) ?? null, row: change.row }]
      : [],
  );
  const leaseIds = new Set([...known.leases.keys(), ...leases.map(({ row }) => row.id)]);
  return {
    entry,
    incident: mine === undefined ? null : { before: known.incident, row: mine },
    attempts: changes.flatMap((change) =>
      change.table === "attempts" && belongs(change.row, id, leaseIds)
        ? [{ before: known.attempts.get(change.row.id) ?? null, row: change.row }]
        : [],
    ),
    leases,
    notices: changes.flatMap((change) =>
      change.table === "notices" && change.row.incident === id ? [change.row] : [],
    ),
    shared: entry.decision.incident !== id || incidents.some((row) => row.id !== id),
  };
}

/** After a crash an orphaned switch is ended by an attempt without an incident that names the lease. */
function belongs(attempt: Attempt, id: IncidentId, leases: ReadonlySet<string>): boolean {
  if (attempt.incident === id) return true;
  const lease = attempt.params["leaseId"];
  return attempt.incident === null && typeof lease === "string" && leases.has(lease);
}

function isPartOf(beat: Beat, incident: Incident | null): boolean {
  if (incident === null) return false;
  if (beat.incident !== null || beat.attempts.length + beat.leases.length + beat.notices.length > 0)
    return true;
  if (incident.closedAt !== null) return false;
  const { event } = beat.entry;
  // Also an order that could change nothing: who tried belongs to the story.
  if (event.type === "order") return event.order.incident === incident.id;
  if (event.type === "start" || event.type === "stop") return true;
  return (
    event.type === "pause" &&
    (event.pause === null ||
      partsOf(event.pause).some(({ target }) => target === null || target === incident.target))
  );
}
