import type { Attempt } from "../../src/domain/attempt.ts";
import type {
  AttemptId,
  EventId,
  IncidentId,
  LeaseId,
  NoticeId,
  TimerId,
} from "../../src/domain/ids.ts";
import type { Incident } from "../../src/domain/incident.ts";
import type { Lease } from "../../src/domain/lease.ts";
import type { Notice } from "../../src/domain/notice.ts";
import type { Sample } from "../../src/domain/sample.ts";
import type { Change, Entry, Timer } from "../../src/domain/world.ts";
import type { Commit } from "../../src/ports/store.ts";

/** Well-formed rows for tests of stores: what is not named by the test has a harmless value. */
export function anIncident(id: string, more: Partial<Incident> = {}): Incident {
  return {
    id: id as IncidentId,
    kind: "database-down",
    target: "postgres",
    signal: "postgres|postgres|up",
    snapshot: { machine: "database-down", version: 1, value: "confirming", context: {} },
    state: "confirming",
    openedAt: 1_000,
    onset: 900,
    closedAt: null,
    ending: null,
    cause: null,
    attempts: 0,
    notices: 0,
    symptoms: [],
    parked: null,
    ...more,
  };
}

export function anAttempt(id: string, more: Partial<Attempt> = {}): Attempt {
  return {
    id: id as AttemptId,
    incident: id.split(".")[0] as IncidentId,
    target: "postgres",
    slot: "remedy",
    action: "restart",
    params: {},
    askedIn: "remedying",
    state: "planned",
    plannedAt: 1_000,
    expiresAt: 2_000,
    startedAt: null,
    settlesAt: null,
    endedAt: null,
    tries: 0,
    problem: null,
    heldUntil: null,
    plan: {},
    evidence: {},
    ...more,
  };
}

export function aLease(id: string, more: Partial<Lease> = {}): Lease {
  return {
    id: id as LeaseId,
    switch: "read-only",
    incident: "i1" as IncidentId,
    state: "active",
    message: "We only show your trades at the moment.",
    until: 5_000,
    seq: 1,
    scope: ["api"],
    ...more,
  };
}

export function aTimer(id: string, more: Partial<Timer> = {}): Timer {
  return {
    id: id as TimerId,
    due: 4_000,
    generation: 1,
    purpose: { of: "incident", incident: "i1" as IncidentId, event: { type: "late" } },
    ...more,
  };
}

export function aNotice(id: string, more: Partial<Notice> = {}): Notice {
  return {
    id: id as NoticeId,
    incident: "i1" as IncidentId,
    kind: "opened",
    at: 1_000,
    title: "postgres does not answer",
    lines: ["since 21:04"],
    ...more,
  };
}

export function aSample(ts: number, more: Partial<Sample> = {}): Sample {
  return { target: "api", probe: "http /health", name: "up", ts, value: 1, ...more };
}

/** The nth commit of a store; its event is `event-n` unless named. */
export function aCommit(
  seq: number,
  changes: readonly Change[] = [],
  more: { at?: number; event?: string; incident?: string } = {},
): Commit {
  const at = more.at ?? seq * 1_000;
  const entry: Entry = {
    seq,
    at,
    event: {
      id: (more.event ?? `event-${seq}`) as EventId,
      at,
      cause: null,
      type: "start",
      version: "0",
    },
    facts: { watchingSince: 0, signals: {} },
    under: { rules: "r", runbook: null, machine: null },
    decision: {
      incident: more.incident === undefined ? null : (more.incident as IncidentId),
      changes,
      reasons: [{ code: "test", text: "made by a test" }],
    },
  };
  return { entry, changes };
}

/** What JSON leaves of a value. */
export function throughJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
