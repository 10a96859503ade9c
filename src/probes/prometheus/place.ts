import type { Problem } from "../../domain/problem.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import type { Reading } from "./reading.ts";
import { follow, hasFallen, isUnproven, NEEDED, type Delta, type Track } from "./track.ts";

/** One address, behind which one process answers, or several in turn. Changed by every reading. */
export interface Place {
  readonly tracks: Map<string, Track>;
  previous: { readonly key: string; readonly reading: Reading } | null;
  /** Two identities answered in turn. */
  isAlternating: boolean;
  /** At the last changes from one identity to another: whether counts went down. */
  falls: readonly boolean[];
}

/** What one look heard at one place. */
export interface Heard {
  /** The last reading of each process that answered. */
  readonly readings: ReadonlyMap<string, Reading>;
  readonly deltas: readonly { readonly key: string; readonly delta: Delta }[];
  /** Its counts are of several processes that cannot be told apart. */
  readonly isMixed: boolean;
}

export interface HearOptions {
  /** Must have an answer within the limit. */
  readonly scrape: (limitMs: Millis) => Promise<Reading | Problem>;
  readonly now: () => Instant;
  /** After so long a difference is not counted, and a process that was not heard is taken for gone. */
  readonly gapMs: Millis;
  readonly firstMs: Millis;
  /** After it no further scrape: what was heard must not be lost because another worker hangs. */
  readonly budgetMs: Millis;
}

export function createPlace(): Place {
  return { tracks: new Map(), previous: null, isAlternating: false, falls: [] };
}

/**
 * Scrapes a place: once, or several times where several processes answer in turn, until each was heard; and ten times when
 * one is new, because only many readings show whether it is one process. A problem only when not even one scrape succeeded.
 */
export async function hear(place: Place, options: HearOptions): Promise<Heard | Problem> {
  const begun = performance.now();
  const readings = new Map<string, Reading>();
  const deltas: { key: string; delta: Delta }[] = [];
  let isMixed = false;
  for (let tries = 1; tries <= NEEDED; tries += 1) {
    const leftMs = Math.floor(options.budgetMs - (performance.now() - begun));
    if (tries > 1 && leftMs < 1) break;
    const reading = await options.scrape(tries === 1 ? options.firstMs : leftMs);
    if ("code" in reading) {
      if (readings.size === 0) return reading;
      break;
    }
    const key = reading.identity ?? "";
    const delta = take(place, key, reading, options);
    readings.set(key, reading);
    if (delta === "mixed") isMixed = true;
    else if (delta !== null) deltas.push({ key, delta });
    if (isMixed || !wantsMore(place, readings, tries, options)) break;
  }
  forget(place, options);
  // Counts that go on from one process to another are counts of all of them, and would be counted for each.
  const isShared = place.isAlternating && !place.falls.some(Boolean) && deltas.some(isCount);
  return { readings, deltas, isMixed: isMixed || isShared };
}

function take(
  place: Place,
  key: string,
  reading: Reading,
  { now, gapMs }: HearOptions,
): Delta | "mixed" | null {
  const { previous } = place;
  const known = place.tracks.get(key);
  if (previous !== null && previous.key !== key) {
    if (known !== undefined) place.isAlternating = true;
    place.falls = [...place.falls, hasFallen(previous.reading, reading)].slice(-CHANGES_SEEN);
  }
  place.previous = { key, reading };
  const step = follow(known, reading, now(), gapMs);
  place.tracks.set(key, step.track);
  return step.isMixed ? "mixed" : step.delta;
}

function wantsMore(
  place: Place,
  readings: ReadonlyMap<string, Reading>,
  tries: number,
  { now, gapMs }: HearOptions,
): boolean {
  const alive = [...place.tracks].filter(([, { at }]) => now() - at <= gapMs);
  if (alive.some(([key, track]) => readings.has(key) && isUnproven(track))) return true;
  return alive.some(([key]) => !readings.has(key)) && tries < 2 * alive.length;
}

/** What is long gone, and the oldest where identities change with every reading. */
function forget({ tracks }: Place, { now, gapMs }: HearOptions): void {
  const oldestFirst = [...tracks].sort(([, a], [, b]) => a.at - b.at);
  for (const [index, [key, { at }]] of oldestFirst.entries())
    if (now() - at > FORGET_GAPS * gapMs || tracks.size - index > TRACKS_MAX) tracks.delete(key);
}

const CHANGES_SEEN = 8;
const FORGET_GAPS = 10;
const TRACKS_MAX = 64;

function isCount({ delta }: { readonly delta: Delta }): boolean {
  const { requests, failed, auth_failures: refused } = delta.sums;
  return [requests, failed, refused].some((count) => count !== undefined && count > 0);
}
