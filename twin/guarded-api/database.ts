import { Pool } from "pg";
import type { Settings } from "./settings.ts";

const CONNECT_DEADLINE_MS = 2_000;
const QUERY_DEADLINE_MS = 2_000;

/** The API's connections to PostgreSQL. Every query ends within its deadline, also when the server hangs. */
export type Database = {
  /** Throws when the server refuses, fails or does not answer within `deadlineMs` (default 2 s). */
  query(sql: string, values?: unknown[], deadlineMs?: number): Promise<Record<string, unknown>[]>;
  close(): void;
};

/** Opens the pool; nothing connects before the first query, and no failure of the server ends this process. */
export function connectDatabase(settings: Settings): Database {
  const pool = new Pool({
    connectionString: settings.DATABASE_URL,
    max: settings.DATABASE_POOL_SIZE,
    connectionTimeoutMillis: CONNECT_DEADLINE_MS,
    query_timeout: QUERY_DEADLINE_MS,
    application_name: "tradesense-backend",
    idleTimeoutMillis: 30_000,
  });
  // Idle connections die with the server. The next query opens a new one.
  pool.on("error", () => {});
  return {
    async query(sql, values = [], deadlineMs = QUERY_DEADLINE_MS) {
      const answer = pool.query<Record<string, unknown>>(sql, values);
      // Waiting for a connection and for the answer are bounded one by one: bound their sum as well.
      const result = await withDeadline(answer, deadlineMs);
      return result.rows;
    },
    close: () => void pool.end().catch(() => {}),
  };
}

function withDeadline<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`No answer from the database within ${deadlineMs} ms.`)),
    deadlineMs,
  );
  work.catch(() => {});
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}
