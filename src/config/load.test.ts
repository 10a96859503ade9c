import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, it } from "vitest";

import { explain } from "./explain.ts";
import { KINDS } from "./kinds.ts";
import { loadConfig } from "./load.ts";
import { DRIVERS, LOOK, ROWS, TWO, VALID } from "./load.rows.ts";
import { ENV, faultsOf, loadText, SECRETS } from "./test-files.ts";

const ENV_OF_ROWS = {
  ...ENV,
  SHORT: "hunter2",
  MYSQL: "mysql://a:hunter2@b/c",
  TWO_LINES: "hunter2\nx",
  EMPTY: "",
  RAILWAY_SERVICE_NAME: "signalman",
  RAILWAY_PUBLIC_DOMAIN: "signalman.up.railway.app",
};

it.each(ROWS)("refuses %s", async (_, text, faults) => {
  const loaded = await loadText(text, ENV_OF_ROWS, { beside: { blank: " \n" } });
  expect(faultsOf(loaded)).toEqual(faults);
  expect(JSON.stringify(loaded)).not.toMatch(/hunter2/);
});

it("accepts what the rows are made from", async () => {
  expect(await loadText(VALID)).toMatchObject({ ok: true });
  expect(await loadText(TWO(`needs: [b], ${LOOK}`, LOOK))).toMatchObject({ ok: true });
  expect(await loadText(`${VALID}switches:\n  off: { ${DRIVERS} }\n`)).toMatchObject({ ok: true });
});

it("finds five different mistakes in one go", async () => {
  const text = `version: 3
targts: []
targets:
  - name: api
    url: { env: NOT_THERE }
    needs: [postgrs]
    probes: [{ kind: http, path: /health, every: 10 }]
`;
  expect(faultsOf(await loadText(text))).toEqual([
    "1:10 version version",
    "2:1 unknown-key targts",
    "5:10 env-unset targets[0].url",
    "6:13 needs-unknown targets[0].needs[0]",
    "7:50 wrong-type targets[0].probes[0].every",
  ]);
});

it("says what was meant", async () => {
  const text = `${VALID.replace("kind: http", "kind: htp, evry: 1s")}switches:\n  off: { leese: 1m, ${DRIVERS} }\nmodes: { overal: auto }\n`;
  const loaded = await loadText(text);
  expect(explain(loaded.ok ? [] : loaded.faults, "signalman.yaml").split("\n")).toEqual([
    `signalman.yaml:5:22  targets[0].probes[0].kind: expected one that is known (${Object.keys(KINDS).join(", ")}), found "htp"`,
    'signalman.yaml:7:10  switches.off.leese: unknown key "leese"; did you mean "lease"?',
    'signalman.yaml:8:10  modes.overal: no action, kind of incident, target or switch is called "overal"; did you mean "overall"?',
    "3 faults in signalman.yaml",
  ]);
});

it("refuses a file that is missing, no file, too large or no text", async () => {
  const folder = await mkdtemp(join(tmpdir(), "signalman-config-"));
  try {
    expect(faultsOf(await loadConfig(join(folder, "none.yaml"), ENV))).toEqual([
      "0:0 file-missing",
    ]);
    expect(faultsOf(await loadConfig(folder, ENV))).toEqual(["0:0 file-unreadable"]);
  } finally {
    await rm(folder, { recursive: true });
  }
  expect(faultsOf(await loadText(`#${" ".repeat(2 ** 20)}`))).toEqual(["0:0 file-unreadable"]);
  expect(faultsOf(await loadText(Uint8Array.of(0xff, 0xfe, 0)))).toEqual(["0:0 file-unreadable"]);
});

it("survives what is made to hurt", async () => {
  const bomb = `${VALID}modes: &a { default: auto }\nx: &b [${"*a,".repeat(90)}]\ny: [${"*b,".repeat(90)}]\n`;
  expect(faultsOf(await loadText(bomb))).toEqual(["0:0 yaml-syntax"]);
  const deep = await loadText("[".repeat(5_000));
  expect(new Set(deep.ok ? [] : deep.faults.map(({ code }) => code))).toEqual(
    new Set(["yaml-syntax"]),
  );
});

it("refuses an impossible environment", async () => {
  const env = {
    ...ENV,
    PORT: "70000",
    RAILWAY_STATUS_URL: "hunter2",
    RAILWAY_GRAPHQL_ENDPOINT: "ftp://x",
  };
  const loaded = await loadText(VALID, env);
  expect(faultsOf(loaded).toSorted()).toEqual([
    "0:0 env-invalid $PORT",
    "0:0 env-invalid $RAILWAY_GRAPHQL_ENDPOINT",
    "0:0 env-invalid $RAILWAY_STATUS_URL",
  ]);
  expect(JSON.stringify(loaded)).not.toMatch(/hunter2/);
});

it("ends with its signal", async () => {
  await expect(loadText(VALID, ENV, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
});

it("keeps secrets out of the rules, the warnings and their hash", async () => {
  const text = `${VALID}  - name: postgres
    probes: [{ kind: postgres, url: { env: DATABASE_URL } }]
switches:
  off: { ${DRIVERS.replace("http://127.0.0.1:1", "http://app.example.com/hunter2")} }
slack: { webhook: { env: SLACK_WEBHOOK_URL } }
`;
  const one = await loadText(text);
  const other = await loadText(text, {
    ...ENV,
    DATABASE_URL: "postgres://other:other@db/app",
    SWITCH_SECRET: "quite another secret",
    SLACK_WEBHOOK_URL: "https://hooks.slack.test/other",
  });
  if (!one.ok || !other.ok) throw new Error("expected both to load");
  expect(JSON.stringify([one.config.rules, one.config.warnings])).not.toMatch(/hunter2/);
  expect(one.config.rules.hash).toBe(other.config.rules.hash);
  // The test can fail only if the secrets have really arrived.
  const whole = JSON.stringify(one.config);
  for (const secret of Object.values(SECRETS)) expect(whole).toContain(secret);
});
