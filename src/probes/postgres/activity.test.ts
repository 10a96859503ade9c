import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client } from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { createPostgres, type Postgres } from "../../../twin/processes/postgres.ts";
import type { RunningWard } from "../../../twin/processes/ward.ts";
import type { Observation } from "../../domain/observation.ts";
import type { Probe } from "../../ports/probe.ts";
import { createProbe } from "../index.ts";

// What a real PostgreSQL is busy with: idle transactions, waiting queries, no connection left, and roles that see less.

const MAX_CONNECTIONS = 12;
/** Three are kept for superusers. */
const LIMIT = MAX_CONNECTIONS - 3;
const PASSWORDS = { signalman: "watching", tradesense: "trading" };

let folder: string;
let postgres: Postgres;
let ward: RunningWard;
const clients: Client[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "signalman-pg-"));
  const cluster = join(folder, "data");
  const options = { folder, cluster, maxConnections: MAX_CONNECTIONS, passwords: PASSWORDS };
  postgres = await createPostgres(options);
  ward = await postgres.start(new AbortController().signal);
}, 60_000);

afterAll(async () => {
  await ward?.stop();
  await postgres?.sweep();
  rmSync(folder, { recursive: true, force: true });
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
});

test("at rest: our own connection of those that an ordinary role may have", async () => {
  await expect
    .poll(() => lookOnce())
    .toMatchObject({
      values: { up: 1, connections_used: 1, connections_limit: LIMIT },
      details: {
        connectMs: expect.any(Number),
        queryMs: expect.any(Number),
        longestTransactionS: 0,
        blockedQueries: 0,
      },
    });
});

test("a transaction that somebody forgot, and the queries that wait for it", async () => {
  const forgetful = await client("tradesense");
  await forgetful.query("begin; lock table trades");
  const waiting = await Promise.all([client("tradesense"), client("tradesense")]);
  const asked = waiting.map((one) => one.query("select count(*) from trades"));
  const longest = async () => (await lookOnce()).details?.["longestTransactionS"];
  await expect.poll(longest, { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
  // The backend of the look before may still be on its way out.
  await expect
    .poll(() => lookOnce())
    .toMatchObject({
      values: { up: 1, connections_used: 4 },
      details: { blockedQueries: 2 },
    });
  await forgetful.query("commit");
  await Promise.all(asked);
  expect((await lookOnce()).details).toMatchObject({ longestTransactionS: 0, blockedQueries: 0 });
});

test("a role that may not see others still counts them, and says nothing of what they do", async () => {
  const other = await client("signalman");
  await other.query("begin; select 1");
  const values = { up: 1, connections_used: 2, connections_limit: LIMIT };
  await expect.poll(async () => (await lookOnce("tradesense")).values).toEqual(values);
  const { details = {} } = await lookOnce("tradesense");
  expect(Object.keys(details).toSorted()).toEqual(["connectMs", "queryMs"]);
});

test("a role that may not even ask for it is up all the same", async () => {
  await postgres.query("revoke select on pg_stat_activity from public");
  try {
    const seen = await lookOnce("tradesense");
    expect(seen.values).toEqual({ up: 1 });
    expect(seen.processStart).toBeLessThanOrEqual(Date.now());
  } finally {
    await postgres.query("grant select on pg_stat_activity to public");
  }
});

test("the kept path measures at first, and leaves it to the fresh one for a minute", async () => {
  const probe = probeOf("signalman", { pooled: true });
  expect((await seenBy(probe)).values).toHaveProperty("connections_used");
  expect((await seenBy(probe)).values).toEqual({ up: 1 });
  await probe.close();
});

test("without a connection left it is up, and all of what it last said is used", async () => {
  const probe = probeOf("signalman");
  expect((await seenBy(probe)).values).toMatchObject({ connections_limit: LIMIT });
  await Promise.all(Array.from({ length: LIMIT }, () => client("tradesense")));
  await expect
    .poll(() => seenBy(probe))
    .toMatchObject({
      values: { up: null, connections_used: LIMIT, connections_limit: LIMIT },
      problem: { code: "connections-exhausted" },
    });
});

function urlOf(role: keyof typeof PASSWORDS): string {
  const host = encodeURIComponent(join(folder, "s"));
  return `postgres://${role}:${PASSWORDS[role]}@localhost/tradesense?host=${host}`;
}

async function client(role: keyof typeof PASSWORDS): Promise<Client> {
  const made = new Client({ connectionString: urlOf(role) });
  made.on("error", () => undefined);
  clients.push(made);
  await made.connect();
  return made;
}

function probeOf(role: keyof typeof PASSWORDS, more: object = {}): Probe {
  const config = { url: urlOf(role), ...more };
  return createProbe("postgres", { target: "postgres", name: "postgres", config });
}

async function seenBy(probe: Probe): Promise<Observation> {
  const [seen] = await probe.look(new AbortController().signal);
  if (seen === undefined) throw new Error("nothing was observed");
  return seen;
}

async function lookOnce(role: keyof typeof PASSWORDS = "signalman"): Promise<Observation> {
  const probe = probeOf(role);
  const seen = await seenBy(probe);
  await probe.close();
  return seen;
}
