import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";
import { request } from "undici";

/** What an answer holds for the one switch there is; null: nothing is on. */
export type Source = (told: unknown) => void;

const EVERY_MS = 500;
const DEADLINE_MS = 1_000;

/** Reads the key again and again until the signal. A Redis that is away changes nothing: what is on ends by itself. */
export async function followRedis(
  url: string,
  key: string,
  take: Source,
  signal: AbortSignal,
): Promise<void> {
  const redis = new Redis(url, {
    family: 0,
    connectTimeout: DEADLINE_MS,
    commandTimeout: DEADLINE_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: () => EVERY_MS,
  });
  redis.on("error", () => {});
  await again(signal, async () => {
    const text = await redis.get(key);
    if (text !== null) take(JSON.parse(text));
  });
  redis.disconnect();
}

/** Asks the daemon again and again until the signal, and shows each time what it has. */
export async function followDaemon(
  url: string,
  token: string,
  take: Source,
  signal: AbortSignal,
): Promise<void> {
  let etag = "";
  const ask = async (): Promise<boolean> => {
    const answer = await request(url, {
      headers: {
        authorization: `Bearer ${token}`,
        ...(etag === "" ? {} : { "if-none-match": etag }),
      },
      signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) return false;
    const { switches } = JSON.parse(text) as { switches: Record<string, unknown> };
    take(switches["read-only"] ?? null);
    etag = String(answer.headers.etag ?? "");
    return true;
  };
  // What is new is shown at once, so that the daemon need not wait for the next round.
  await again(signal, async () => {
    if (await ask()) await ask();
  });
}

async function again(signal: AbortSignal, step: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await step().catch(() => {});
    await pause(EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
  }
}
