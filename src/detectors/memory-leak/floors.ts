import { MINUTE_MS, type Instant } from "../../domain/time.ts";

/** The lowest memory in use within ten minutes: what remains after collections. `at` counts from 1970. */
export interface Floor {
  readonly at: number;
  readonly least: number;
}

/** The lower envelope of one process: a day of floors and the one under way. */
export interface Envelope {
  readonly floors: readonly Floor[];
  readonly open: Floor | null;
  /** Looks in a row that lay far below. */
  readonly lows: number;
}

export const ENVELOPE_START: Envelope = { floors: [], open: null, lows: 0 };

export const FLOOR_MS = 10 * MINUTE_MS;

/** The moment a floor begins. */
export function startOf(floor: Floor): Instant {
  return floor.at * FLOOR_MS;
}

/** Takes in one value. `closed`: the floor under way is full now, and may be judged. */
export function lay(
  envelope: Envelope,
  ts: Instant,
  used: number,
): { readonly envelope: Envelope; readonly closed: boolean } {
  const at = Math.floor(ts / FLOOR_MS);
  const { open } = envelope;
  if (open !== null && open.at === at) {
    const least = Math.min(open.least, used);
    return { envelope: { ...envelope, open: { at, least }, lows: 0 }, closed: false };
  }
  const floors = open === null ? envelope.floors : [...envelope.floors, open].slice(-MOST_FLOORS);
  return { envelope: { floors, open: { at, least: used }, lows: 0 }, closed: open !== null };
}

/** The lowest of the last hour, with the one under way; `null` in the first hour. */
export function lowest({ floors, open }: Envelope): number | null {
  if (floors.length < HOUR_FLOORS) return null;
  let found = open?.least ?? Infinity;
  for (let place = floors.length - HOUR_FLOORS; place < floors.length; place += 1)
    found = Math.min(found, floors[place]?.least ?? found);
  return found;
}

/** Each floor as the lowest of the last `span`: free of slower collections, but later by as much. */
export function calmed(floors: readonly Floor[], span: number): readonly Floor[] {
  const leasts = floors.map(({ least }) => least);
  return floors.slice(span - 1).map(({ at }, index) => {
    let least = Infinity;
    for (let next = index; next < index + span; next += 1)
      least = Math.min(least, leasts[next] ?? least);
    return { at, least };
  });
}

/** The last floors as `count` points of equal length, each the lowest of its floors; `null` where nothing was seen. */
export function pointsOf(
  floors: readonly Floor[],
  windowMs: number,
  count: number,
): readonly (number | null)[] {
  const end = floors.at(-1)?.at ?? 0;
  const perPoint = windowMs / FLOOR_MS / count;
  const points: (number | null)[] = Array.from({ length: count }, () => null);
  for (const { at, least } of floors.slice(-windowMs / FLOOR_MS)) {
    const place = count - 1 - Math.floor((end - at) / perPoint);
    if (place >= 0) points[place] = Math.min(points[place] ?? least, least);
  }
  return points;
}

const MOST_FLOORS = 288;
const HOUR_FLOORS = 6;
