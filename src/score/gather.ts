import type { Attempt } from "../domain/attempt.ts";
import type { Facts, PlatformChange } from "../domain/facts.ts";
import type { Incident } from "../domain/incident.ts";
import type { Json } from "../domain/json.ts";
import { ACT_SLOTS, type Slot } from "../domain/runbook.ts";
import type { Instant } from "../domain/time.ts";
import type { VerdictState } from "../domain/verdict.ts";
import type { Entry } from "../domain/world.ts";
import type { Case, End } from "./case.ts";

/** What the journal holds for a score: incidents, acts that were really begun or asked of a person, and cases of shadow. */
export interface Gathered {
  readonly incidents: readonly Incident[];
  readonly cases: readonly Case[];
  /** Acts outside shadow, with whether a person was asked first. */
  readonly done: readonly {
    readonly attempt: Attempt;
    readonly incident: Incident;
    readonly asked: boolean;
  }[];
}

/** Reads the journal entry by entry, in order, and keeps only what the score needs. */
export interface Gatherer {
  see(entry: Entry): void;
  gathered(): Gathered;
}

/** Slots whose acts a mode decides on: what limits the damage, and what cures. */
const SCORED: readonly Slot[] = ["contain", ...ACT_SLOTS];

/** One incident while it is followed. */
interface Track {
  incident: Incident;
  /** When it opened, or opened again: older words say nothing of it. */
  since: Instant;
  wellAt: Instant | null;
  unseenFrom: Instant | null;
  /** When the platform was last read for it, by an act or a look. */
  readAt: Instant;
  readonly changes: Map<string, PlatformChange>;
  readonly people: Set<string>;
  /** Attempts by id; of those in shadow, how the incident ended after them and what was shown at that moment. */
  readonly attempts: Map<string, Followed>;
}

interface Followed {
  attempt: Attempt;
  asked: boolean;
  end: End | null;
  shownThen: readonly PlatformChange[] | null;
}

export function createGatherer(): Gatherer {
  const tracks = new Map<string, Track>();
  let lastAt: Instant = 0;
  return {
    see: (entry) => {
      for (const track of tracks.values())
        if (track.incident.closedAt === null) follow(track, entry, lastAt);
      take(tracks, entry);
      lastAt = entry.at;
    },
    gathered: () => ({
      incidents: [...tracks.values()].map(({ incident }) => incident),
      cases: [...tracks.values()].flatMap(casesOf),
      done: [...tracks.values()].flatMap(({ incident, attempts }) =>
        [...attempts.values()]
          .filter(({ attempt, asked }) => attempt.startedAt !== null || asked)
          .map(({ attempt, asked }) => ({ attempt, incident, asked })),
      ),
    }),
  };
}

/** What an entry says of an open incident, whatever it is about: how its signal is, and whether anybody was there to look. */
function follow(track: Track, { event, facts, at }: Entry, lastAt: Instant): void {
  const { signal } = track.incident;
  // Killed: nothing is known since the last word that was written.
  if (event.type === "stop" || event.type === "start")
    doubt(track, event.type === "stop" ? at : lastAt);
  const fact = facts.signals[signal];
  if (fact !== undefined && fact.at >= facts.watchingSince)
    hear(track, fact.at, isOtherBreached(track.incident, facts) ? "breached" : fact.state);
}

/** As the core has it: an incident is not over before all signals that would open it are well. */
function isOtherBreached({ signal, target, kind }: Incident, { signals }: Facts): boolean {
  return Object.entries(signals).some(
    ([key, one]) =>
      key !== signal && one.target === target && one.opens === kind && one.state === "breached",
  );
}

function hear(track: Track, at: Instant, state: VerdictState): void {
  if (at < track.since) return;
  if (state === "breached") {
    track.wellAt = null;
    track.unseenFrom = null;
  } else if (state === "healthy") track.wellAt ??= at;
  else doubt(track, at);
}

function doubt(track: Track, at: Instant): void {
  if (track.wellAt === null) track.unseenFrom ??= at;
}

function take(tracks: Map<string, Track>, entry: Entry): void {
  const { changes, incident: about } = entry.decision;
  for (const change of changes)
    if (change.table === "incidents") takeIncident(tracks, change.row, entry);
  const { event, facts } = entry;
  const own = about === null ? undefined : tracks.get(about);
  if (own !== undefined) {
    if (event.type === "request" && facts.platform?.changes !== undefined)
      learn(own, facts.platform.changes, entry.at);
    const told = event.type === "outcome" ? changesIn(event.evidence["changes"]) : null;
    if (told !== null) learn(own, told, entry.at);
    if (event.type === "order") own.people.add(event.order.by);
  }
  for (const change of changes) {
    if (change.table !== "attempts" || !SCORED.includes(change.row.slot)) continue;
    const track = tracks.get(change.row.incident ?? "");
    if (track !== undefined) takeAttempt(track, change.row, entry);
  }
  for (const change of changes)
    if (change.table === "incidents" && change.row.closedAt !== null) close(tracks, change.row);
}

function takeIncident(tracks: Map<string, Track>, row: Incident, { at }: Entry): void {
  const known = tracks.get(row.id);
  if (known === undefined) {
    tracks.set(row.id, {
      incident: row,
      since: at,
      wellAt: null,
      unseenFrom: null,
      readAt: 0,
      changes: new Map(),
      people: new Set(),
      attempts: new Map(),
    });
    return;
  }
  // It came back: what it was before says nothing of now.
  if (known.incident.closedAt !== null && row.closedAt === null) {
    known.wellAt = null;
    known.unseenFrom = null;
    known.since = at;
  }
  known.incident = row;
}

function takeAttempt(track: Track, row: Attempt, { facts }: Entry): void {
  const known = track.attempts.get(row.id);
  // A machine that does not wait for an answer goes on in the same moment.
  const isAsked = row.state === "awaiting-approval" || row.problem?.code === "mode-suggest";
  const isShadow = row.state === "shadowed" && known?.attempt.state !== "shadowed";
  track.attempts.set(row.id, {
    attempt: row,
    asked: isAsked || (known?.asked ?? false),
    end: known?.end ?? null,
    shownThen: isShadow ? (facts.platform?.changes ?? null) : (known?.shownThen ?? null),
  });
}

function close(tracks: Map<string, Track>, { id, closedAt, ending }: Incident): void {
  const track = tracks.get(id);
  if (track === undefined || closedAt === null) return;
  const { wellAt, unseenFrom } = track;
  for (const followed of track.attempts.values())
    followed.end ??= { at: closedAt, ending, wellAt, unseenFrom };
}

function learn(track: Track, changes: readonly PlatformChange[], at: Instant): void {
  track.readAt = at;
  for (const change of changes) {
    const key = `${change.what}|${change.deployment}|${change.at}`;
    // A later look may know the release as well.
    track.changes.set(key, { ...track.changes.get(key), ...change });
  }
}

/** Changes as a look wrote them into its evidence. */
function changesIn(told: Json | undefined): readonly PlatformChange[] | null {
  return Array.isArray(told) ? told : null;
}

function casesOf(track: Track): readonly Case[] {
  const { incident, changes, people, attempts, readAt } = track;
  return [...attempts.values()]
    .filter(({ attempt }) => attempt.state === "shadowed")
    .map(({ attempt, end, shownThen }) => ({
      attempt,
      incident,
      end,
      changes:
        end !== null && readAt >= end.at
          ? [...changes.values()].toSorted((a, b) => a.at - b.at)
          : null,
      shownThen,
      people: [...people],
    }));
}
