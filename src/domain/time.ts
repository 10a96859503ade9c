/** A moment in milliseconds since 1970-01-01T00:00:00Z. Inside the core it always arrives as an argument. */
export type Instant = number;

/** A length of time in milliseconds. Names of such values end in `Ms`. */
export type Millis = number;

export const SECOND_MS: Millis = 1_000;
export const MINUTE_MS: Millis = 60 * SECOND_MS;
export const HOUR_MS: Millis = 60 * MINUTE_MS;

/** The length in words a person reads at night: `850 ms`, `12 s`, `4 min 30 s`, `2 h 5 min`. */
export function spell(lengthMs: Millis): string {
  if (lengthMs < SECOND_MS) return `${Math.round(lengthMs)} ms`;
  const seconds = Math.round(lengthMs / SECOND_MS);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60)
    return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0
    ? `${minutes / 60} h`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A part of the day in minutes of UTC, `to` not included; it may span midnight. */
export interface DayWindow {
  readonly from: number;
  readonly to: number;
}

export function isWithin({ from, to }: DayWindow, at: Instant): boolean {
  const minute = Math.floor(at / MINUTE_MS) % 1_440;
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

/** `02:00 to 05:00 UTC`. */
export function spellWindow({ from, to }: DayWindow): string {
  const time = (minute: number): string =>
    [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, "0")).join(":");
  return `${time(from)} to ${time(to)} UTC`;
}

/** Time of day as people read it in a message: `21:04:09 UTC`. */
export function timeOfDay(at: Instant): string {
  const seconds = Math.floor(at / SECOND_MS) % 86_400;
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${parts.map((part) => String(part).padStart(2, "0")).join(":")} UTC`;
}
