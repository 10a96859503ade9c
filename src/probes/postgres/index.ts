import { define } from "../definition.ts";
import { looking, type Finding } from "../looking.ts";
import { Config } from "./config.ts";
import { open, type Connection } from "./connection.ts";
import { byDatabase, isAboutStatement } from "./problems.ts";

/** Asks PostgreSQL: 1 when it answers a query, 0 when it is away or recovering, null when only we may be at fault. */
export const definition = define({
  kind: "postgres",
  Config,
  example: { kind: "postgres", url: "postgres://signalman@localhost/app" },
  opens: "database-down",
  nameOf: ({ pooled }) => (pooled ? "postgres pooled" : "postgres"),
  isSecretUrl: true,
  create({ config, target, name, now }) {
    const kept = config.pooled ? keeping() : null;
    return looking({
      target,
      name,
      kind: "postgres",
      timeoutMs: config.timeout,
      now: now ?? Date.now,
      find: (signal) =>
        kept === null ? lookAfresh(config.url, signal) : kept.look(config.url, signal),
      close: async () => kept?.close(),
    });
  },
});

async function lookAfresh(url: string, signal: AbortSignal): Promise<Finding> {
  const connection = open(url);
  try {
    return await askUntil(signal, connection);
  } catch (error) {
    return byDatabase(connection.failure() ?? error);
  } finally {
    connection.end();
  }
}

/** Cuts the connection when the signal comes: neither a frozen server nor a late answer may outlive a look. */
async function askUntil(signal: AbortSignal, connection: Connection): Promise<Finding> {
  const cut = () => connection.destroy();
  signal.addEventListener("abort", cut, { once: true });
  try {
    await connection.ready;
    await connection.query("select 1");
    const started = await startOf(connection);
    return started === null ? { value: 1 } : { value: 1, processStart: started };
  } finally {
    signal.removeEventListener("abort", cut);
  }
}

/**
 * One kept connection. That it broke is itself a finding: the look after it says so and only the next one
 * connects again. While one look uses it, another takes a fresh connection.
 */
function keeping() {
  let kept: Connection | null = null;
  let isBusy = false;

  async function lookThrough(url: string, signal: AbortSignal): Promise<Finding> {
    const broken = kept?.failure() ?? null;
    if (broken !== null) {
      drop();
      return byDatabase(broken);
    }
    const connection = (kept ??= open(url));
    try {
      return await askUntil(signal, connection);
    } catch (error) {
      const finding = byDatabase(connection.failure() ?? error);
      drop();
      return finding;
    }
  }

  function drop(): void {
    kept?.destroy();
    kept = null;
  }

  return {
    async look(url: string, signal: AbortSignal): Promise<Finding> {
      if (isBusy) return lookAfresh(url, signal);
      isBusy = true;
      try {
        return await lookThrough(url, signal);
      } finally {
        isBusy = false;
      }
    },
    close(): void {
      kept?.end();
      kept = null;
    },
  };
}

/** When the server started, in its own words; null when this role may not ask. */
async function startOf(connection: Connection): Promise<number | null> {
  const text = "select floor(extract(epoch from pg_postmaster_start_time()) * 1000)::text as at";
  try {
    const at = Number(await connection.query(text));
    return Number.isFinite(at) && at > 0 ? at : null;
  } catch (error) {
    if (!isAboutStatement(error)) throw error;
    return null;
  }
}
