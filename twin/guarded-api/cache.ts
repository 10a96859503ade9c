import { Redis } from "ioredis";

const KEPT_MS = 600_000;
const ENTRIES = 1_000;
const REDIS_DEADLINE_MS = 300;

/** A cached answer: `at` says how old it is; whether that is fresh enough is the reader's business. */
export type Entry = { at: number; value: unknown };

/** The read cache: Redis when one is configured and answers, else the memory of this process. */
export type Cache = {
  get(key: string): Promise<Entry | undefined>;
  set(key: string, entry: Entry): Promise<void>;
  /** Makes an entry old; it is kept for the time when the database does not answer. */
  expire(key: string): Promise<void>;
  /** `absent` when no Redis is configured. */
  state(): Promise<"connected" | "disconnected" | "absent">;
  close(): void;
};

/** Connects the cache; it works without Redis, and goes back to it when it returns. */
export function connectCache(redisUrl: string | undefined): Cache {
  const memory = new Map<string, Entry>();
  const redis = redisUrl === undefined ? undefined : openRedis(redisUrl);
  return {
    async get(key) {
      const local = memory.get(key);
      const text = await redis?.get(key).catch(() => undefined);
      if (typeof text !== "string") return local;
      const shared: Entry = JSON.parse(text);
      return local === undefined || shared.at >= local.at ? shared : local;
    },
    async set(key, entry) {
      remember(memory, key, entry);
      await redis?.set(key, JSON.stringify(entry), "PX", KEPT_MS).catch(() => {});
    },
    async expire(key) {
      const entry = await this.get(key);
      if (entry !== undefined) await this.set(key, { ...entry, at: 0 });
    },
    async state() {
      if (redis === undefined) return "absent";
      const answer = await redis.ping().catch(() => "");
      return answer === "PONG" ? "connected" : "disconnected";
    },
    close: () => redis?.disconnect(),
  };
}

function openRedis(url: string): Redis {
  const redis = new Redis(url, {
    family: 0,
    connectTimeout: 1_000,
    commandTimeout: REDIS_DEADLINE_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: (times) => Math.min(times * 100, 1_000),
  });
  redis.on("error", () => {});
  return redis;
}

function remember(memory: Map<string, Entry>, key: string, entry: Entry): void {
  memory.delete(key);
  memory.set(key, entry);
  const oldest = memory.keys().next().value;
  if (memory.size > ENTRIES && oldest !== undefined) memory.delete(oldest);
}
