import { MINUTE_MS, SECOND_MS, type Instant, type Millis } from "../../domain/time.ts";
import type { Grain } from "./aliases.ts";

/** Which past a poll asks for, and how fine. */
export interface Window {
  readonly now: Instant;
  readonly usageFrom: Instant;
  /** On a whole step, so that the same step is the same in every poll. */
  readonly edgeFrom: Instant;
  readonly logsFrom: Instant;
  readonly grain: Grain;
}

/** Railway's own programs take a sample each 30 s for the last hour. */
const USAGE_SECONDS_MAX = 30;
const EDGE_SECONDS_MAX = 60;
const USAGE_MS: Millis = 10 * MINUTE_MS;
const EDGE_STEPS = 15;
const EDGE_MS_MIN: Millis = 3 * MINUTE_MS;
/** What is later than this is lost. */
const LATE_MS: Millis = 2 * MINUTE_MS;
/** However long nobody looked. */
const GAP_MS_MAX: Millis = 45 * MINUTE_MS;
const LOG_ROWS = 500;

/** The window of a poll at `now`: so far back that late samples of what was asked before are asked for again. */
export function windowAt(now: Instant, before: Instant | null, everyMs: Millis): Window {
  const everySeconds = Math.max(1, Math.round(everyMs / SECOND_MS));
  const edgeSeconds = Math.min(EDGE_SECONDS_MAX, everySeconds);
  const stepMs = edgeSeconds * SECOND_MS;
  const gapMs = Math.min(GAP_MS_MAX, Math.max(0, now - (before ?? now)));
  const edgeMs = Math.max(EDGE_MS_MIN, EDGE_STEPS * stepMs, gapMs + 5 * MINUTE_MS);
  return {
    now,
    usageFrom: now - USAGE_MS,
    edgeFrom: Math.floor((now - edgeMs) / stepMs) * stepMs,
    logsFrom: now - Math.max(everyMs, gapMs) - LATE_MS,
    grain: {
      usageSeconds: Math.min(USAGE_SECONDS_MAX, Math.max(1, Math.round(everySeconds / 2))),
      edgeSeconds,
      logRows: LOG_ROWS,
    },
  };
}

/** The window in the words of a query; `services` are those whose log lines are wanted. */
export function variablesFor(
  window: Window,
  services: readonly string[],
): { readonly [name: string]: string } {
  const date = (at: Instant): string => new Date(at).toISOString();
  return {
    now: date(window.now),
    usageFrom: date(window.usageFrom),
    edgeFrom: date(window.edgeFrom),
    logsFrom: date(window.logsFrom),
    logsTo: date(window.now),
    logFilter: `@level:error AND (${services.map((id) => `@service:${id}`).join(" OR ")})`,
  };
}
