import { MINUTE_MS, type Millis } from "../../domain/time.ts";
import { define } from "../definition.ts";
import { exhausted } from "../exhausted.ts";
import { looking, type Finding } from "../looking.ts";
import { activityOf } from "./activity.ts";
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
    const { url, timeout, pooled } = config;
    const patienceMs = Math.min(PATIENCE_MS_MAX, Math.floor(timeout / 3));
    const remember = exhausted();
    const kept = pooled ? keeping() : null;
    let measured = -Infinity;
    const question = (signal: AbortSignal, soFar: Question["soFar"]): Question => {
      // The fresh path measures at every look; a second one need not do the same work again.
      const isDue = !pooled || performance.now() - measured >= MINUTE_MS;
      if (isDue) measured = performance.now();
      return { url, signal, soFar, patienceMs: isDue ? patienceMs : null };
    };
    return looking({
      target,
      name,
      kind: "postgres",
      timeoutMs: timeout,
      now: now ?? Date.now,
      find: async (signal, soFar) => {
        const asked = question(signal, soFar);
        return remember(await (kept === null ? lookAfresh(asked) : kept.look(asked)));
      },
      close: async () => kept?.close(),
    });
  },
});

const PATIENCE_MS_MAX: Millis = 1_000;

interface Question {
  readonly url: string;
  readonly signal: AbortSignal;
  readonly soFar: (finding: Finding) => void;
  /** How long it may think about what it is busy with; `null`: not asked this time. */
  readonly patienceMs: Millis | null;
}

async function lookAfresh(question: Question): Promise<Finding> {
  const connection = open(question.url);
  try {
    return await askUntil(question, connection);
  } catch (error) {
    return byDatabase(connection.failure() ?? error);
  } finally {
    connection.end();
  }
}

/** Cuts the connection when the signal comes: neither a frozen server nor a late answer may outlive a look. */
async function askUntil(question: Question, connection: Connection): Promise<Finding> {
  const { signal, soFar, patienceMs } = question;
  const cut = () => connection.destroy();
  signal.addEventListener("abort", cut, { once: true });
  try {
    const begun = performance.now();
    await connection.ready;
    const connected = performance.now();
    await connection.query("select 1");
    const details = {
      connectMs: Math.round(connected - begun),
      queryMs: Math.round(performance.now() - connected),
    };
    const started = await startOf(connection);
    const up = { value: 1, ...(started === null ? {} : { processStart: started }) } as const;
    soFar({ ...up, details });
    const activity = patienceMs === null ? null : await activityOf(connection, patienceMs);
    if (activity === null) return { ...up, details };
    return { ...up, more: activity.values, details: { ...details, ...activity.details } };
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

  async function lookThrough(question: Question): Promise<Finding> {
    const broken = kept?.failure() ?? null;
    if (broken !== null) {
      drop();
      return byDatabase(broken);
    }
    const connection = (kept ??= open(question.url));
    try {
      return await askUntil(question, connection);
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
    async look(question: Question): Promise<Finding> {
      if (isBusy) return lookAfresh(question);
      isBusy = true;
      try {
        return await lookThrough(question);
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
