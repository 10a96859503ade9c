import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Client, escapeLiteral } from "pg";
import { preparePostgres, type PostgresTemplate } from "./postgres-template.ts";
import { waitUntil } from "./wait.ts";
import type { Program } from "./program.ts";
import { lastLines, startWard, type RunningWard } from "./ward.ts";

const run = promisify(execFile);
const READY_DEADLINE_MS = 15_000;
const QUERY_DEADLINE_MS = 1_500;
const ATTEMPTS = 3;

export type PostgresOptions = {
  /** The service's own run folder, which goes with the twin. */
  folder: string;
  /** Where the data live. */
  cluster: string;
  maxConnections: number;
  /** Passwords of the roles the daemon and the API connect with. */
  passwords: { signalman: string; tradesense: string };
  signal?: AbortSignal | undefined;
};

export type Postgres = Program & {
  /** Runs statements as superuser in the API's database, past the gate. Throws after 1.5 s without an answer. */
  query(sql: string): Promise<Record<string, unknown>[]>;
};

/** Prepares a cluster of its own in `folder`; nothing runs until `start` is called. */
export async function createPostgres(options: PostgresOptions): Promise<Postgres> {
  const template = await preparePostgres(options.signal);
  const data = options.cluster;
  const sockets = join(options.folder, "s");
  await mkdir(dirname(data), { recursive: true, mode: 0o711 });
  // Whoever runs PostgreSQL has to get through to the data.
  if (template.uid !== undefined) await chmod(dirname(data), 0o711);
  await mkdir(options.folder, { recursive: true, mode: 0o711 });
  await mkdir(sockets, { recursive: true, mode: 0o700 });
  if (template.uid !== undefined) await chown(sockets, template.uid, template.uid);
  if (!existsSync(join(data, "PG_VERSION"))) await run("cp", ["-Rp", template.cluster, data]);
  const socketPath = join(sockets, ".s.PGSQL.5432");
  let isSetUp = false;
  return {
    socketPath,
    log: logOf(options.folder),
    async start(signal) {
      const ward = await launch(options, template, signal);
      if (!isSetUp) await setUp(sockets, template, options.passwords);
      isSetUp = true;
      return ward;
    },
    query: (sql) => query(sockets, template, "tradesense", sql),
    sweep: () => releaseSharedMemory(data),
  };
}

async function launch(
  { folder, cluster, maxConnections }: PostgresOptions,
  template: PostgresTemplate,
  signal: AbortSignal,
): Promise<RunningWard> {
  const log = logOf(folder);
  const sockets = join(folder, "s");
  const isReady = () => query(sockets, template, "postgres", "select 1").then(() => true);
  for (let attempt = 1; ; attempt += 1) {
    const ward = await startWard({
      command: template.postgres,
      args: ["-D", cluster, ...settings(sockets, maxConnections)],
      env: { LC_ALL: "C", PATH: process.env["PATH"] ?? "" },
      log,
      stopSignal: "SIGQUIT",
      folder,
      ...(template.uid === undefined ? {} : { uid: template.uid }),
    });
    try {
      await waitUntil(isReady, READY_DEADLINE_MS, ward.exited, signal);
      return ward;
    } catch (error) {
      ward.kill();
      // The last child of a killed postmaster may outlive it for a moment, and keeps a new one from starting.
      if (attempt < ATTEMPTS && !signal.aborted) continue;
      throw new Error(`PostgreSQL did not start: ${lastLines(log)}`, { cause: error });
    }
  }
}

function logOf(folder: string): string {
  return join(folder, "postgres.log");
}

function settings(sockets: string, maxConnections: number): string[] {
  const values: Record<string, string | number> = {
    listen_addresses: "",
    unix_socket_directories: sockets,
    port: 5432,
    max_connections: maxConnections,
    shared_buffers: "16MB",
    // The twin survives kills of processes, not of machines: the page cache is enough.
    fsync: "off",
    wal_level: "minimal",
    max_wal_senders: 0,
    io_method: "sync",
    jit: "off",
    dynamic_shared_memory_type: "mmap",
    log_min_messages: "warning",
    log_line_prefix: "%m [%p] ",
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

async function setUp(
  sockets: string,
  template: PostgresTemplate,
  passwords: { signalman: string; tradesense: string },
): Promise<void> {
  // A busy machine takes seconds to make a database, which is no reason to call the start a failure.
  const ask = (database: string, sql: string) =>
    query(sockets, template, database, sql, READY_DEADLINE_MS);
  const roles = await ask("postgres", "select 1 from pg_roles where rolname = 'signalman'");
  if (roles.length === 0) {
    await ask("postgres", "create role signalman login; create role tradesense login");
    await ask("postgres", "grant pg_monitor to signalman");
    await ask("postgres", "create database tradesense owner tradesense");
    await ask("tradesense", TABLES);
  }
  // A twin that was killed may have left it hidden in a folder that is kept.
  await ask("tradesense", "grant execute on function pg_postmaster_start_time() to public");
  await ask(
    "postgres",
    `alter role signalman password ${escapeLiteral(passwords.signalman)};
     alter role tradesense password ${escapeLiteral(passwords.tradesense)}`,
  );
}

const TABLES = `
  create table trades (
    id bigint generated always as identity primary key,
    symbol text not null check (length(symbol) between 1 and 12),
    quantity numeric not null check (quantity <> 0),
    price numeric not null check (price > 0),
    created_at timestamptz not null default now()
  );
  alter table trades owner to tradesense;
  insert into trades (symbol, quantity, price) values ('AAPL', 10, 187.20), ('MSFT', 5, 411.05), ('NVDA', -2, 903.50)`;

async function query(
  host: string,
  template: PostgresTemplate,
  database: string,
  sql: string,
  withinMs = QUERY_DEADLINE_MS,
): Promise<Record<string, unknown>[]> {
  const client = new Client({
    host,
    database,
    user: "postgres",
    password: template.password,
    connectionTimeoutMillis: withinMs,
    query_timeout: withinMs,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    const result = await client.query<Record<string, unknown>>(sql);
    return result.rows ?? [];
  } finally {
    // A stopped server would never say goodbye; nobody waits for it.
    void client.end().catch(() => {});
  }
}

/** A killed postmaster leaves its System V segment behind; a start would take it over, a stop has to remove it. */
async function releaseSharedMemory(data: string): Promise<void> {
  const lockFile = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "");
  const segment = lockFile.split("\n")[6]?.trim().split(/\s+/)[1];
  if (segment !== undefined) await run("ipcrm", ["-m", segment]).catch(() => {});
}
