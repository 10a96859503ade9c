import { z } from "zod";

import type { Values } from "../../domain/observation.ts";
import type { Details } from "../../domain/sample.ts";
import type { Millis } from "../../domain/time.ts";
import type { Connection } from "./connection.ts";
import { isAboutStatement } from "./problems.ts";

/** What PostgreSQL is busy with. Of the sessions of others a role without `pg_monitor` sees only that they are there. */
export interface Activity {
  readonly values: Values;
  readonly details: Details;
}

/** Asks for it once, for at most `patienceMs`; null where this role may not ask or the server has no time for it. */
export async function activityOf(
  connection: Connection,
  patienceMs: Millis,
): Promise<Activity | null> {
  let written: string | null;
  try {
    // In one message, which is one transaction: the limit ends with it, also for a session that a pooler shares.
    written = await connection.query(`set local statement_timeout = ${patienceMs}; ${ACTIVITY}`);
  } catch (error) {
    if (!isAboutStatement(error)) throw error;
    return null;
  }
  const read = Answer.safeParse(parsed(written));
  if (!read.success) return null;
  const { used, limit, transaction, blocked } = read.data;
  return {
    values: { connections_used: used, ...(limit > 0 ? { connections_limit: limit } : {}) },
    details: {
      ...(transaction === null ? {} : { longestTransactionS: transaction }),
      ...(blocked === null ? {} : { blockedQueries: blocked }),
    },
  };
}

function parsed(written: string | null): unknown {
  try {
    return JSON.parse(written ?? "null");
  } catch {
    return null;
  }
}

const Count = z.int().min(0);
const Answer = z.object({
  used: Count,
  limit: z.int(),
  transaction: Count.nullable(),
  blocked: Count.nullable(),
});

/**
 * Connections are counted as the limit counts them: those of roles that hold no reserved one. What hides the kind of a
 * backend from this role still shows its database and its role, which only those of clients have both. Our own session is
 * one of them, and never the longest transaction. Waiting for a lock is read where it costs nothing: `pg_blocking_pids`
 * would stop the lock manager for every answer.
 */
const ACTIVITY = `
  select json_build_object(
    'used', count(*),
    'limit', current_setting('max_connections')::int
      - current_setting('superuser_reserved_connections')::int
      - coalesce(current_setting('reserved_connections', true)::int, 0),
    'transaction', case when sees.all then
      coalesce(floor(extract(epoch from max(clock_timestamp() - xact_start)
        filter (where pid <> pg_backend_pid()))), 0)::int end,
    'blocked', case when sees.all then count(*) filter (where wait_event_type = 'Lock') end
  )::text
  from pg_stat_activity,
    (select pg_has_role('pg_read_all_stats', 'usage')) as sees("all")
  where datid is not null and usesysid is not null
    and coalesce(backend_type, 'client backend') = 'client backend'
  group by sees.all`;
