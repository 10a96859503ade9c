import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { loadConfig } from "./load.ts";
import type { Config } from "./config.ts";
import { ENV, loadText } from "./test-files.ts";

const ROOT = join(import.meta.dirname, "..", "..");

const TEXT = `version: 1
targets:
  - name: api
    url: https://api.example.com
    needs: [postgres]
    probes:
      - { kind: http, path: "/health?token=of-nobody", every: 2s, timeout: 500ms, openAfter: 4 }
      - { kind: http, path: /health }
      - { kind: http, url: https://other.example.com/x }
  - name: postgres
    service: Postgres
    probes: [{ kind: postgres, url: { env: DATABASE_URL }, every: 1s, retryEvery: 400ms, timeout: 1s }]
switches:
  read-only:
    drivers: [{ kind: control, url: https://api.example.com/s, secret: { file: secret } }]
    lease: 30s
    renew: 10s
network: { places: ["one.example.com:443", "https://two.example.net"] }
slack: { webhook: { env: SLACK_WEBHOOK_URL } }
modes: { restart: auto, read-only: suggest, overall: auto }
budgets: { restart: { perHour: 5 } }
actions: { restart: { settle: 20s } }
limits: { database-down: { soakMs: 3s } }
`;
const BESIDE = { secret: "a secret of a file, with a line end\n" };

async function load(text = TEXT, env: Record<string, string> = ENV): Promise<Config> {
  const loaded = await loadText(text, env, { beside: BESIDE });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  return loaded.config;
}

const HTTP = ["api|http /health|up", "api|http /health 2|up", "api|http|up"];

it("computes what the core needs", async () => {
  const { rules } = await load();
  expect(rules.targets).toEqual({
    // The slowest probe counts: 10 s + 2 × 3333 ms + 3 × 3 s + 2 s, and 2 × 10 s + 3 s + 2 s.
    api: {
      needs: ["postgres"],
      detectMsMax: 27_666,
      freshMs: 25_000,
      tier: "app",
      watched: { up: HTTP },
      asking: HTTP,
    },
    // 1 s + 2 × 400 ms + 3 × 1 s + 2 s, and 2 × 1 s + 1 s + 2 s.
    // Railway is asked once a minute: 2 × 60 s + 15 s + 2 s.
    postgres: {
      needs: [],
      detectMsMax: 6_800,
      freshMs: 5_000,
      freshMsOf: { railway: 137_000 },
      tier: "data",
      watched: { up: ["postgres|postgres|up", "postgres|postgres pooled|up"] },
    },
  });
  expect(rules.switches).toEqual({
    "read-only": { targets: ["api"], leaseMs: 30_000, renewMs: 10_000 },
  });
  expect(rules.modes).toEqual({
    default: "shadow",
    restart: "auto",
    "read-only": "suggest",
    overall: "auto",
  });
  expect(rules.budgets).toMatchObject({
    restart: { perIncident: 1, perHour: 5 },
    rollback: { perIncident: 1, perHour: 3 },
  });
  expect(rules.reopenMs).toBe(300_000);
  expect(rules.ceilings).toEqual({
    perService: 4,
    overall: 8,
    cooldownMs: 300_000,
    processAgeMs: 60_000,
    standBackMs: 600_000,
    aftermathMs: 120_000,
    storm: { targets: 3, withinMs: 300_000 },
    vain: { incidents: 2, withinMs: 604_800_000 },
  });
  expect(rules.actions["restart"]).toMatchObject({ deadlineMs: 15_000, settleMs: 20_000 });
  expect(rules.actions["switch"]).toMatchObject({ deadlineMs: 5_000, settleMs: 15_000 });
  expect(rules.runbooks["database-down"]?.limits).toMatchObject({ soakMs: 3_000, waitMs: 10_000 });
});

it("takes never for what the reference says may be switched off so", async () => {
  const never = `budgets: { restart: { perHour: 5 }, standBack: 0s }\nincidents: { reopen: 0s }\n`;
  const { rules } = await load(TEXT.replace("budgets: { restart: { perHour: 5 } }\n", never));
  expect([rules.ceilings.standBackMs, rules.reopenMs]).toEqual([0, 0]);
});

it("names probes, and adds a second path to a database", async () => {
  const [api, postgres] = (await load()).targets;
  expect(api?.probes.map(({ name }) => name)).toEqual(["http /health", "http /health 2", "http"]);
  expect(api?.probes[0]).toMatchObject({
    everyMs: 2_000,
    retryEveryMs: 667,
    openAfter: 4,
    closeAfter: 2,
  });
  expect(postgres?.probes).toMatchObject([
    { name: "postgres", retryEveryMs: 400, settings: { pooled: false, url: ENV.DATABASE_URL } },
    {
      name: "postgres pooled",
      retryEveryMs: 400,
      settings: { pooled: true, url: ENV.DATABASE_URL },
    },
    { name: "railway", kind: "railway", everyMs: 60_000, timeoutMs: 15_000 },
  ]);
});

it("names probes of metrics, and reads what they are told", async () => {
  const written = "{ kind: prometheus, path: /metrics, metrics: { requests: false } }";
  const config = await load(
    TEXT.replace("- { kind: http, url", `- ${written}\n      - { kind: http, url`),
  );
  expect(config.targets[0]?.probes.map(({ name }) => name)).toContain("prometheus /metrics");
  expect(config.targets[0]?.probes.find(({ kind }) => kind === "prometheus")).toMatchObject({
    everyMs: 10_000,
    timeoutMs: 5_000,
    settings: { metrics: { requests: false, failed: ["5xx"] } },
  });
});

it("looks through Railway at what it runs, once, and only when somebody can be asked", async () => {
  const namesOf = (config: Config) => config.targets[1]?.probes.map(({ name }) => name);
  const written = TEXT.replace("kind: postgres,", "kind: railway, every: 2m }, { kind: postgres,");
  expect(namesOf(await load(written))).toEqual(["railway", "postgres", "postgres pooled"]);
  const { RAILWAY_TOKEN: _, ...nobody } = ENV;
  expect(namesOf(await load(TEXT, nobody))).toEqual(["postgres", "postgres pooled"]);
});

it("looks less often through Railway on the Free plan", async () => {
  const { targets } = await load(`${TEXT}railway: { plan: free }\n`);
  expect(targets[1]?.probes.at(-1)).toMatchObject({ name: "railway", everyMs: 75_000 });
});

it("adds no second path where one is written", async () => {
  const config = await load(TEXT.replace("kind: postgres,", "kind: postgres, pooled: true,"));
  expect(config.targets[1]?.probes.map(({ name }) => name)).toEqual(["postgres pooled", "railway"]);
});

it("reads a file reference without its line end", async () => {
  const { switches } = await load();
  expect(switches[0]?.drivers[0]).toMatchObject({
    secret: "a secret of a file, with a line end",
  });
});

it("gives data that nobody can change", async () => {
  const config = await load();
  expect(() => Reflect.apply(Array.prototype.push, config.targets[0]?.needs, ["x"])).toThrow(
    TypeError,
  );
  expect(Object.isFrozen(config.rules.runbooks["database-down"]?.limits)).toBe(true);
});

const DECIDING: readonly (readonly [string, string, string])[] = [
  ["a mode", "restart: auto", "restart: suggest"],
  ["an interval", "every: 2s", "every: 3s"],
  ["a threshold", "openAfter: 4", "openAfter: 5"],
  ["a page", "path: /health }", "path: /trades }"],
  ["a condition", "path: /health }", "path: /health, expect: { status: 204 } }"],
  ["a need", "needs: [postgres]", "needs: []"],
  ["a service", "service: Postgres", "service: Postgres2"],
  ["a lease", "lease: 30s", "lease: 31s"],
  ["a budget", "perHour: 5", "perHour: 6"],
  ["a settle time", "settle: 20s", "settle: 21s"],
  ["a limit", "soakMs: 3s", "soakMs: 4s"],
];

it.each(DECIDING)("gives another hash for %s", async (_, from, to) => {
  expect(TEXT).toContain(from);
  const [one, same, other] = [await load(), await load(), await load(TEXT.replace(from, to))];
  expect(same.rules.hash).toBe(one.rules.hash);
  expect(other.rules.hash).not.toBe(one.rules.hash);
});

const ENVIRONMENTS: readonly (readonly [string, Record<string, string>, object])[] = [
  [
    "nothing",
    {},
    {
      dataFolder: "./.signalman",
      port: 8080,
      host: "127.0.0.1",
      paused: false,
      ownService: { id: null, name: null },
      railway: {
        token: null,
        projectId: null,
        plan: "hobby",
        endpoint: "https://backboard.railway.com/graphql/v2",
        statusUrl: "https://api.railwaystatus.com/status",
      },
    },
  ],
  [
    "a project token",
    { RAILWAY_TOKEN: "p" },
    { railway: { token: { kind: "project", value: "p" } } },
  ],
  [
    "a bearer token",
    { RAILWAY_API_TOKEN: "b" },
    { railway: { token: { kind: "bearer", value: "b" } } },
  ],
  [
    "both tokens",
    { RAILWAY_TOKEN: "p", RAILWAY_API_TOKEN: "b" },
    { railway: { token: { kind: "project", value: "p" } } },
  ],
  [
    "Railway",
    {
      RAILWAY_DEPLOYMENT_ID: "d",
      RAILWAY_SERVICE_ID: "s",
      RAILWAY_SERVICE_NAME: "n",
      RAILWAY_VOLUME_MOUNT_PATH: "/v",
      PORT: "0",
    },
    { host: "::", ownService: { id: "s", name: "n" }, dataFolder: "/v", port: 0 },
  ],
  [
    "a folder of its own",
    { SIGNALMAN_DATA: "/d", RAILWAY_VOLUME_MOUNT_PATH: "/v" },
    { dataFolder: "/d" },
  ],
  ["a pause", { SIGNALMAN_PAUSED: "1" }, { paused: true }],
  ["a pause in other words", { SIGNALMAN_PAUSED: "please" }, { paused: true }],
  ["no pause", { SIGNALMAN_PAUSED: "False" }, { paused: false }],
  [
    "places",
    {
      RAILWAY_PROJECT_ID: "p",
      RAILWAY_ENVIRONMENT_ID: "e",
      RAILWAY_GRAPHQL_ENDPOINT: "http://127.0.0.1:1/g",
      RAILWAY_STATUS_URL: "http://127.0.0.1:1/s",
    },
    {
      railway: {
        projectId: "p",
        environmentId: "e",
        endpoint: "http://127.0.0.1:1/g",
        statusUrl: "http://127.0.0.1:1/s",
      },
    },
  ],
];

const SMALL = "version: 1\ntargets: [{ name: api, probes: [{ kind: http, url: http://x }] }]\n";

it.each(ENVIRONMENTS)("reads an environment with %s", async (_, env, expected) => {
  expect(await load(SMALL, env)).toMatchObject(expected);
});

it("lets the file decide over the environment", async () => {
  const text = `${SMALL}railway: { project: of-file, environment: { env: OTHER }, status: http://s, plan: pro }\n`;
  const { railway } = await load(text, {
    ...ENV,
    OTHER: "of-other",
    RAILWAY_STATUS_URL: "http://e",
  });
  expect(railway).toMatchObject({
    projectId: "of-file",
    environmentId: "of-other",
    statusUrl: "http://s",
    plan: "pro",
  });
});

const WITH_SWITCH = (url: string): string =>
  TEXT.replace("url: https://api.example.com/s", `url: "${url}"`);

const WITH_QUERIES = (failed: string): string =>
  TEXT.replace(
    "timeout: 1s }]",
    `timeout: 1s }, { kind: promql, url: http://x, signals: { failed: "${failed}" } }]`,
  );

const WARNINGS: readonly (readonly [string, string, Record<string, string>, readonly string[]])[] =
  [
    ["all is well", TEXT, ENV, []],
    [
      "orders go over plain http",
      WITH_SWITCH("http://api.example.com/s"),
      ENV,
      [
        "switches.read-only.drivers[0].url: plain http to api.example.com outside of Railway's private network",
      ],
    ],
    ["orders go to this machine", WITH_SWITCH("http://[::1]:3000/s"), ENV, []],
    ["orders stay within Railway", WITH_SWITCH("http://api.railway.internal:3000/s"), ENV, []],
    [
      "the address only looks private",
      WITH_SWITCH("http://127.0.0.1.example.com/s"),
      ENV,
      [
        "switches.read-only.drivers[0].url: plain http to 127.0.0.1.example.com outside of Railway's private network",
      ],
    ],
    [
      "a database has no service",
      TEXT.replace("    service: Postgres\n", ""),
      ENV,
      ["targets[1]: postgres names no Railway service, so it can never be restarted"],
    ],
    [
      "the runbook's switch is missing",
      TEXT.replaceAll("read-only", "other"),
      ENV,
      ['switches: the runbook database-down contains with "read-only", which is not configured'],
    ],
    [
      "its own network is not checked",
      TEXT.replace(/network: .*\n/, ""),
      ENV,
      ["no network.places: an outage of Signalman's own network looks like one of the targets"],
    ],
    [
      "everything is on a private network",
      TEXT.replace(/network: .*\n/, "").replaceAll(
        /https:\/\/(api|other)\.example\.com/g,
        "http://api.railway.internal",
      ),
      { ...ENV, DATABASE_URL: "postgres://u:p@postgres.railway.internal/d" },
      [],
    ],
    [
      "a query counts the same requests twice",
      WITH_QUERIES("sum(increase(a[1m]))"),
      ENV,
      ["targets[1].probes[1].signals.failed: a range of 1m every 30 s; [$every] fits always"],
    ],
    ["a query counts from look to look", WITH_QUERIES("sum(increase(a[$every]))"), ENV, []],
    ["a query has the same range", WITH_QUERIES("sum(increase(a[30s]))"), ENV, []],
    ["nobody is told", SMALL, ENV, ["no slack.webhook: nobody is told anything"]],
    [
      "there is no token",
      TEXT,
      { ...ENV, RAILWAY_TOKEN: "" },
      ["no RAILWAY_TOKEN: nothing can be inspected or restarted at Railway"],
    ],
    [
      "there are two tokens",
      TEXT,
      { ...ENV, RAILWAY_API_TOKEN: "b" },
      ["RAILWAY_TOKEN and RAILWAY_API_TOKEN are both set: RAILWAY_TOKEN is used"],
    ],
    [
      "there is no place",
      TEXT,
      { ...ENV, RAILWAY_PROJECT_ID: "" },
      ["no RAILWAY_PROJECT_ID: nothing can be inspected or restarted at Railway"],
    ],
  ];

it.each(WARNINGS)("warns or not when %s", async (_, text, env, warnings) => {
  expect((await load(text, env)).warnings).toEqual(warnings);
});

const EXAMPLES: readonly (readonly [string, Record<string, string>, readonly string[]])[] = [
  [
    "signalman.example.yaml",
    { ...ENV, REDIS_URL: "redis://default:p@redis.railway.internal:6379" },
    [],
  ],
  [
    "twin/signalman.yaml",
    {
      ...ENV,
      API_URL: "http://127.0.0.1:4000",
      SWITCH_URL: "http://127.0.0.1:4000/s",
      RAILWAY_STATUS_URL: "http://127.0.0.1:4001/status",
    },
    [],
  ],
];

it.each(EXAMPLES)(
  "reads %s without fault, and warns of nothing that is not known",
  async (file, env, warnings) => {
    expect(readFileSync(join(ROOT, file), "utf8")).toContain("version: 1");
    const loaded = await loadConfig(join(ROOT, file), env);
    expect(loaded).toMatchObject({ ok: true, config: { warnings } });
  },
);
