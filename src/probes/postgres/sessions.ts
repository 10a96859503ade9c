import { open } from "./connection.ts";

/** No text of a query but its first word: the rest holds what users wrote. */
const SESSIONS = `
  select coalesce(json_agg(row_to_json(one)), '[]')::text from (
    select state, wait_event_type as waits, application_name as app, count(*) as sessions,
           max(floor(extract(epoch from now() - xact_start)))::int as transaction_s,
           max(split_part(btrim(query), ' ', 1)) as command, bool_or(cardinality(pg_blocking_pids(pid)) > 0) as blocked
    from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
    group by 1, 2, 3 order by sessions desc limit 30
  ) as one`;

/** What the sessions of a PostgreSQL are doing, as a JSON array. Throws when it cannot be asked. */
export async function sessionsOf(url: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const connection = open(url);
  const cut = () => connection.destroy();
  signal.addEventListener("abort", cut, { once: true });
  try {
    await connection.ready;
    return (await connection.query(SESSIONS)) ?? "[]";
  } finally {
    signal.removeEventListener("abort", cut);
    connection.end();
  }
}
