import type { Sample, SignalName } from "../domain/sample.ts";
import { MINUTE_MS, SECOND_MS, type Instant } from "../domain/time.ts";
import { openSqliteStore } from "../storage/sqlite/index.ts";

/** What a daemon would have recorded of the twin's API before this game day: quiet requests, and its memory. */
export interface History {
  /** Requests a second. */
  readonly perSecond: number;
  /** Memory in use, in bytes, so many ms before its end. */
  readonly memoryAt: (agoMs: number) => number;
  readonly memoryLimit: number;
  /** So long memory was recorded; where nothing is said for as long as detectors look back. */
  readonly memoryForMs?: number;
  /**
   * Its memory ends with the last ten minutes that are over and not now, so that the first look into the next ones lets a trend be
   * judged: nobody waits for minutes until they are over.
   */
  readonly endsWithFloor?: boolean;
}

/** So long the requests were looked at, as often as the twin's configuration says. */
const REQUESTS_MS = 10 * MINUTE_MS;
const REQUESTS_EVERY_MS = SECOND_MS;
/** So long its memory was, as often as it usually is. */
const MEMORY_MS = 350 * MINUTE_MS;
const MEMORY_EVERY_MS = MINUTE_MS;
/** Trends of memory are judged whenever ten minutes are over. */
const FLOOR_MS = 10 * MINUTE_MS;

/** Requests a second of a game day that detectors of rates have to see. */
export const PER_SECOND = 60;

/** What was recorded before: nobody waits for minutes until errors have a past to be compared with. */
export const QUIET: History = { perSecond: PER_SECOND, memoryAt: () => 1e8, memoryLimit: 5e8 };

/**
 * Writes the history into the books that the daemon is going to open. `deployment` is what is live, as the probe tells it: else it
 * would look like a new release.
 */
export async function recordHistory(
  folder: string,
  history: History,
  deployment: string,
): Promise<void> {
  const opened = await openSqliteStore({ folder });
  if (opened.kind !== "open") throw new Error(`the books cannot be opened: ${opened.kind}`);
  const signal = AbortSignal.timeout(20_000);
  const now = Date.now();
  try {
    const end = history.endsWithFloor === true ? Math.floor(now / FLOOR_MS) * FLOOR_MS : now;
    for (let ago = history.memoryForMs ?? MEMORY_MS; ago > 0; ago -= MEMORY_EVERY_MS)
      await opened.samples.append(memory(end - ago, history, ago, deployment), signal);
    for (let ago = REQUESTS_MS; ago > 0; ago -= REQUESTS_EVERY_MS)
      await opened.samples.append(requests(now - ago, history), signal);
  } finally {
    await opened.store.close();
  }
}

function memory(ts: Instant, history: History, ago: number, deployment: string): readonly Sample[] {
  const of = { target: "api", probe: "railway", ts };
  return [
    { ...of, name: "restarts", value: 0 },
    { ...of, name: "memory_used", value: Math.round(history.memoryAt(ago)) },
    { ...of, name: "memory_limit", value: history.memoryLimit },
    { ...of, name: "deployment", value: deployment },
  ];
}

function requests(ts: Instant, { perSecond }: History): readonly Sample[] {
  const of = (name: SignalName, value: number): Sample => ({
    target: "api",
    probe: "prometheus /metrics",
    ts,
    name,
    value,
  });
  return [of("requests", perSecond), of("failed", 0)];
}
