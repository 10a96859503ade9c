import { expect, it, onTestFinished } from "vitest";

import type { Driver } from "../actions/switch/driver.ts";
import type { Config } from "../config/config.ts";
import { ENV, loadText, SECRETS } from "../config/test-files.ts";
import { problem } from "../domain/problem.ts";
import type { RailwayOptions } from "../railway/railway.ts";
import {
  answering,
  client,
  connectionOf,
  deployment,
  LOOK,
  stubServer,
  TOKEN,
  type Reaction,
} from "../railway/stub-server.ts";
import type { Finding } from "./finding.ts";
import { examineWith } from "./index.ts";

const TEXT = `version: 1
targets:
  - name: api
    service: tradesense-backend
    url: http://api.railway.internal:3000
    needs: [postgres]
    probes:
      - { kind: http, path: /health }
      - { kind: prometheus, path: /metrics }
  - { name: postgres, service: Postgres, probes: [{ kind: postgres, url: { env: DATABASE_URL } }] }
switches:
  read-only: { drivers: [{ kind: control, url: http://api.railway.internal/s, secret: { env: SWITCH_SECRET } }] }
slack: { webhook: { env: SLACK_WEBHOOK_URL } }
modes: { default: shadow, restart: auto }
`;

/** What a Railway answers that lets the token do all that can be read. */
const DATA: { readonly [field: string]: unknown } = {
  ...LOOK,
  projectToken: {
    id: "t",
    name: "guard",
    projectId: "project-1",
    environmentId: "environment-1",
    project: { id: "project-1", name: "tradesense" },
    environment: { id: "environment-1", name: "production" },
  },
  autodeploy: { enabled: true, canEnable: true, reason: null },
  serviceInstanceAutoDeployStatus: { enabled: true, canEnable: true, reason: null },
  apiToken: { workspaces: [{ id: "w", name: "TradeSense" }] },
  me: { id: "u" },
  deploymentLogs: [],
};
const RELEASES = connectionOf([
  { ...deployment("d1", "SUCCESS", "2026-11-20T10:00:00.000Z"), canRollback: true, meta: {} },
]);

const open: Reaction = (received, response) =>
  answering(
    {
      data: {
        ...DATA,
        ...(received.operationName === "Releases" ? { deployments: RELEASES } : {}),
        ...(received.operationName === "Configuration"
          ? { environment: { id: "environment-1", config: { services: {} } } }
          : {}),
      },
    },
    200,
    { "x-ratelimit-remaining": "42" },
  )(received, response);

/** As `open`, but one operation is refused. */
const without =
  (...operations: readonly string[]): Reaction =>
  (received, response) =>
    operations.includes(received.operationName)
      ? answering({ data: null, errors: [{ message: "Not Authorized" }] })(received, response)
      : open(received, response);

const rest = (): Promise<void> => Promise.resolve();

const off: Driver = {
  kind: "control",
  set: () => Promise.reject(new Error("nothing may be set")),
  read: () => Promise.resolve({ kind: "read", state: null }),
};

async function configOf(
  text = TEXT,
  env: Record<string, string | undefined> = {},
): Promise<Config> {
  const loaded = await loadText(text, { ...ENV, ...env });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  return loaded.config;
}

async function examined(
  react: Reaction,
  options: Partial<RailwayOptions> = {},
  config?: Config,
  driver: Driver = off,
) {
  const stub = await stubServer(react);
  const railway = client(stub.url, { queryDeadlineMs: 8_000, ...options });
  onTestFinished(async () => {
    await railway.close();
    await stub[Symbol.asyncDispose]();
  });
  const parts = { railway, drivers: { "read-only": [driver] }, rest };
  const found = await examineWith(
    config ?? (await configOf()),
    parts,
    new AbortController().signal,
  );
  const shown = JSON.stringify(found);
  for (const secret of [TOKEN, ...Object.values(SECRETS)]) expect(shown).not.toContain(secret);
  // Never a mutation, whatever was found.
  expect(stub.received.filter(({ query }) => query?.startsWith("mutation"))).toEqual([]);
  return { found, received: stub.received };
}

const answersOf = (found: readonly Finding[], about: Finding["about"]) =>
  Object.fromEntries(
    found.filter((one) => one.about === about).map(({ name, answer }) => [name, answer]),
  );
const detailOf = (found: readonly Finding[], about: Finding["about"]): string =>
  found.find((one) => one.about === about)?.detail ?? "";

it("says of every act whether it is known to be possible, and asks only", async () => {
  const { found, received } = await examined(open);
  expect(answersOf(found, "action")).toEqual({
    "inspect of api (auto)": "expected",
    "collect-evidence of api (auto)": "expected",
    "restart of api (auto)": "expected",
    "rollback of api (shadow)": "expected",
    "redeploy of api (shadow)": "expected",
    "scale of api (shadow)": "unknown",
    "freeze-autodeploy of api (shadow)": "unknown",
    "inspect of postgres (auto)": "expected",
    "collect-evidence of postgres (auto)": "expected",
    "restart of postgres (auto)": "expected",
    "rollback of postgres (shadow)": "expected",
    "redeploy of postgres (shadow)": "expected",
    "scale of postgres (shadow)": "unknown",
  });
  expect(detailOf(found, "token")).toContain('project token "guard" for tradesense/production');
  expect(detailOf(found, "environment")).toBe("sees Postgres, tradesense-backend");
  expect(detailOf(found, "quota")).toMatch(/^42 left/);
  expect(answersOf(found, "target")).toEqual({ api: "yes", postgres: "yes" });
  expect(answersOf(found, "switch")).toEqual({ "read-only (control)": "yes" });
  expect(answersOf(found, "slack")).toEqual({ webhook: "yes" });
  expect(detailOf(found, "slack")).toBe("set, to hooks.slack.test; nothing was sent");
  expect(found.filter(({ answer }) => answer === "no")).toEqual([]);
  expect(received.length).toBeGreaterThan(5);
});

it("calls an act impossible whose reads are refused, and only that", async () => {
  const { found } = await examined(without("Autodeploy"));
  expect(answersOf(found, "action")).toMatchObject({
    "freeze-autodeploy of api (shadow)": "no",
    "restart of api (auto)": "expected",
    "rollback of api (shadow)": "expected",
  });
});

it("does not take a limit in the middle for a refusal", async () => {
  const { found } = await examined((received, response) =>
    (received.operationName === "Releases" ? answering({}, 429) : open)(received, response),
  );
  expect(answersOf(found, "action")).toMatchObject({
    "restart of api (auto)": "expected",
    "rollback of api (shadow)": "unknown",
  });
  expect(answersOf(found, "quota")).toEqual({ requests: "no" });
});

it("calls every act on a service impossible that is not there", async () => {
  const config = await configOf(TEXT.replace("service: tradesense-backend", "service: elsewhere"));
  const { found } = await examined(open, {}, config);
  expect(answersOf(found, "target")).toEqual({ api: "no", postgres: "yes" });
  expect(answersOf(found, "action")).toMatchObject({
    "restart of api (auto)": "no",
    "restart of postgres (auto)": "expected",
  });
});

const html: Reaction = (_received, response) => {
  response.writeHead(403, { "content-type": "text/html" });
  response.end("<html><body>Access denied</body></html>");
};

it.each<[string, Reaction, string, string]>([
  ["401", answering({}, 401), "railway-bad-token", "no"],
  ["an HTML 403 of the edge", html, "railway-unreadable", "no"],
  ["429", answering({}, 429, { "retry-after": "30" }), "railway-rate-limited", "unknown"],
  ["no answer", () => undefined, "railway-unreachable", "unknown"],
  [
    "a token of another environment",
    answering({
      data: {
        projectToken: { ...(DATA["projectToken"] as object), environmentId: "environment-2" },
      },
    }),
    "railway-not-authorized",
    "no",
  ],
])("does not trust the token on %s", async (_, react, code, answer) => {
  const { found } = await examined(
    react,
    code === "railway-unreachable" ? { queryDeadlineMs: 250 } : {},
  );
  expect(answersOf(found, "token")).toEqual({ Railway: "no" });
  expect(detailOf(found, "token")).toContain(code);
  expect(new Set(Object.values(answersOf(found, "action")))).toEqual(new Set([answer]));
  expect(answersOf(found, "slack")).toEqual({ webhook: "yes" });
});

it.each([
  ["account", open],
  ["workspace", without("IdentifyAccount")],
])("tells the token of an %s", async (kind, react) => {
  const { found } = await examined(react, { token: { kind: "bearer", value: TOKEN } });
  expect(detailOf(found, "token")).toMatch(
    new RegExp(`^${kind} token of TradeSense: it may do far`),
  );
  expect(answersOf(found, "action")).toMatchObject({ "scale of api (shadow)": "expected" });
});

it("says what is missing where nobody can ask Railway at all", async () => {
  const config = await configOf(TEXT, { RAILWAY_TOKEN: undefined });
  const parts = { railway: null, drivers: {}, rest };
  const found = await examineWith(config, parts, new AbortController().signal);
  expect(detailOf(found, "token")).toBe("no RAILWAY_TOKEN");
  expect(answersOf(found, "action")).toMatchObject({ "restart of api (auto)": "no" });
});

it("says of the place what is wrong there: the volume, a switch that is silent, no channel", async () => {
  const text = TEXT.replace(/slack: .*\n/, "");
  const config = await configOf(text, { RAILWAY_DEPLOYMENT_ID: "d" });
  const silent: Driver = {
    ...off,
    read: () =>
      Promise.resolve({ kind: "silent", problem: problem("switch-unreachable", "no answer") }),
  };
  const { found } = await examined(open, {}, config, silent);
  expect(answersOf(found, "switch")).toEqual({ "read-only (control)": "no" });
  expect(Object.values(answersOf(found, "data-folder"))).toEqual(["no"]);
  expect(answersOf(found, "slack")).toEqual({ webhook: "off" });
  const mounted = await configOf(TEXT, {
    RAILWAY_DEPLOYMENT_ID: "d",
    RAILWAY_VOLUME_MOUNT_PATH: "/data",
    RAILWAY_SERVICE_ID: "s-postgres",
  }).catch(() => null);
  expect(mounted).not.toBeNull();
  const well = await examined(open, {}, mounted ?? undefined);
  expect(detailOf(well.found, "data-folder")).toBe("on the volume at /data, which is READY");
});
