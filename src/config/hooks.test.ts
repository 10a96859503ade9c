import { expect, it } from "vitest";

import type { Config } from "./config.ts";
import { panelsFor } from "./panels.ts";
import { ENV, faultsOf, loadText } from "./test-files.ts";

const SECRET = "hunter2-of-the-hooks";
const HOOKED = { ...ENV, HOOK: SECRET };

const TEXT = `version: 1
targets:
  - name: api
    url: https://api.example.com
    probes: [{ kind: http, path: /health }]
  - name: backup
    probes: [{ kind: heartbeat, expectEvery: 24h, secret: { env: HOOK } }]
hooks:
  railway: { secret: { env: HOOK } }
  sentry: { secret: { file: sentry } }
`;
const options = { beside: { sentry: "of any form: /?# and more\n" } };

async function load(text = TEXT, env: Record<string, string> = HOOKED): Promise<Config> {
  const loaded = await loadText(text, env, options);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  return loaded.config;
}

it("listens to what is configured, by the secret that is referred to, and to nobody else", async () => {
  expect((await load()).hooks).toEqual({
    railway: { secret: SECRET },
    sentry: { secret: "of any form: /?# and more" },
  });
  expect((await load(TEXT.replace(/hooks:[^]*/, ""))).hooks).toEqual({});
});

it("a heartbeat opens with one look, and its interval decides while its secret does not", async () => {
  const config = await load();
  expect(config.targets[1]?.probes).toMatchObject([
    {
      name: "hook heartbeat",
      kind: "heartbeat",
      everyMs: 10_000,
      openAfter: 1,
      closeAfter: 1,
      settings: { expectEvery: 86_400_000, grace: 300_000, secret: SECRET },
    },
  ]);
  expect(config.targets[0]?.probes[0]).toMatchObject({ openAfter: 3, closeAfter: 2 });
  const other = await load(TEXT, { ...HOOKED, HOOK: "another-secret-of-mine" });
  expect(other.rules.hash).toBe(config.rules.hash);
  expect((await load(TEXT.replace("24h", "12h"))).rules.hash).not.toBe(config.rules.hash);
  expect(JSON.stringify(config.rules)).not.toContain(SECRET);
});

it("warns of senders that cannot reach it, and not where they can", async () => {
  const alone = (await load()).warnings.filter((line) => line.includes("listens on"));
  expect(alone).toEqual([
    "hooks.railway, hooks.sentry, the heartbeat of backup: Signalman listens on 127.0.0.1:8080, so only what runs on this machine can call it",
  ]);
  const onRailway = await load(TEXT, { ...HOOKED, RAILWAY_DEPLOYMENT_ID: "d" });
  const quiet = await load(TEXT.replace(/ {2}- name: backup[^]*/, ""));
  for (const { warnings } of [onRailway, quiet])
    expect(warnings.filter((line) => line.includes("listens on"))).toEqual([]);
});

it("never finds missing what others have stopped counting", async () => {
  const panelOf = panelsFor((await load()).targets);
  const silentFor = (probe: string): readonly string[] => {
    const panel = panelOf("api", probe);
    for (let ts = 0; ts < 100_000; ts += 10_000)
      panel.judge({ target: "api", probe, ts, tookMs: 0, values: { value: 0 } });
    return panel.overdue(10_000_000).map(({ verdict }) => verdict.state);
  };
  expect(silentFor("hook generic")).toEqual([]);
  expect(silentFor("http /health")).toEqual(["missing"]);
});

it.each([
  [
    "a literal secret",
    "{ env: HOOK } }\n  sentry",
    "hunter2-of-mine }\n  sentry",
    "secret-literal",
  ],
  [
    "a literal secret of a heartbeat",
    "secret: { env: HOOK } }]",
    "secret: hunter2 }]",
    "secret-literal",
  ],
  ["an unknown source", "railway:", "railwey:", "unknown-key"],
  ["no interval", "expectEvery: 24h, ", "", "missing"],
  ["an interval that is too long", "24h", "800h", "wrong-value"],
])("refuses %s", async (_, from, to, code) => {
  const loaded = await loadText(TEXT.replace(from, to), HOOKED, options);
  expect(faultsOf(loaded).join("\n")).toContain(code);
  expect(JSON.stringify(loaded)).not.toContain("hunter2");
});

it.each(["short", "with/slash-0123456789", "a".repeat(101)])(
  "refuses the secret %s, which could not stand in an address, without showing it",
  async (secret) => {
    const loaded = await loadText(TEXT, { ...ENV, HOOK: secret }, options);
    expect(faultsOf(loaded)).toEqual([
      expect.stringContaining("wrong-value targets[1].probes[0].secret"),
      expect.stringContaining("wrong-value hooks.railway.secret"),
    ]);
    expect(JSON.stringify(loaded)).not.toContain(secret);
  },
);
