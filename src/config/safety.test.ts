import { describe, expect, it } from "vitest";

import type { Config } from "./config.ts";
import { reasonAboutSafety } from "./safety.ts";
import { ENV, loadText } from "./test-files.ts";

/** Nothing to warn of. */
const TEXT = `version: 1
targets:
  - name: api
    service: backend
    url: http://api.railway.internal:3000
    needs: [postgres]
    probes:
      - { kind: http, path: /health }
      - { kind: prometheus, path: /metrics }
  - name: postgres
    service: Postgres
    probes: [{ kind: postgres, url: { env: DATABASE_URL } }]
  - name: redis
    service: Redis
    probes: [{ kind: redis, url: { env: REDIS_URL } }]
switches:
  read-only: { drivers: [{ kind: control, url: http://api.railway.internal/s, secret: { env: SWITCH_SECRET } }] }
slack: { webhook: { env: SLACK_WEBHOOK_URL } }
modes: { default: auto }
`;
const REDIS_URL = "redis://default:hunter2@redis.railway.internal:6379";
const HERE = { ...ENV, REDIS_URL };
const ON_RAILWAY = {
  ...HERE,
  RAILWAY_DEPLOYMENT_ID: "d",
  RAILWAY_VOLUME_MOUNT_PATH: "/data",
  SIGNALMAN_TOKENS: `ann:admin:${"0".repeat(64)}`,
};

async function load(text: string, env: Record<string, string>): Promise<Config> {
  const loaded = await loadText(text, env);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  expect(JSON.stringify([loaded.config.warnings, reasonAboutSafety(loaded.config)])).not.toMatch(
    /hunter2/,
  );
  return loaded.config;
}

type Row = readonly [mistake: string, text: string, env: Record<string, string>, warning: RegExp];

const without = ({ ...env }: Record<string, string>, name: string): Record<string, string> => {
  delete env[name];
  return env;
};
const replaced = (from: string, to: string): string => {
  if (!TEXT.includes(from)) throw new Error(`the text has no ${from}`);
  return TEXT.replace(from, to);
};
const suggesting = replaced("{ default: auto }", "{ default: suggest }");

/** One configuration for each mistake, and the one warning it gets. */
const MISTAKES: readonly Row[] = [
  [
    "the books are on no volume",
    TEXT,
    without(ON_RAILWAY, "RAILWAY_VOLUME_MOUNT_PATH"),
    /^data folder: no volume is mounted/,
  ],
  [
    "the books are beside the volume",
    TEXT,
    { ...ON_RAILWAY, SIGNALMAN_DATA: "/data-2" },
    /^data folder: \/data-2 is not on the volume \(\/data\)/,
  ],
  [
    "a token that may do everything",
    TEXT,
    { ...without(HERE, "RAILWAY_TOKEN"), RAILWAY_API_TOKEN: "b" },
    /^RAILWAY_API_TOKEN may do far more than the runbooks ask/,
  ],
  [
    "a token of another environment",
    `${TEXT}railway: { environment: environment-2 }\n`,
    HERE,
    /^railway.environment: it is not the one that Signalman runs in/,
  ],
  [
    "what is suggested can be approved in a shell only",
    suggesting,
    without(ON_RAILWAY, "SIGNALMAN_TOKENS"),
    /^no SIGNALMAN_TOKENS that may approve: .* \(and \d+ more\) waits for an approval that only a shell/,
  ],
  [
    "so can what is suggested where all tokens may only read",
    suggesting,
    { ...ON_RAILWAY, SIGNALMAN_TOKENS: `vera:viewer:${"0".repeat(64)}` },
    /^no SIGNALMAN_TOKENS that may approve: .* waits for an approval that only a shell/,
  ],
  [
    "so can what is protected",
    replaced("service: Redis", "service: Redis\n    protected: true"),
    without(ON_RAILWAY, "SIGNALMAN_TOKENS"),
    /^no SIGNALMAN_TOKENS that may approve: restart of redis for .* waits for an approval/,
  ],
  [
    "an action that never may",
    `${TEXT}budgets: { restart: { perIncident: 0 } }\n`,
    HERE,
    /^budgets.restart: with 0 it never happens/,
  ],
  [
    "replicas that the plan has not",
    `${TEXT}railway: { plan: free }\n`,
    HERE,
    /^modes: scale never happens, because the plan free has one replica$/,
  ],
  [
    "a switch over what it is there for",
    replaced(
      "kind: control, url: http://api.railway.internal/s, secret: { env: SWITCH_SECRET }",
      "kind: redis, url: { env: REDIS_URL }",
    ),
    HERE,
    /^switches.read-only: its only way is the guarded redis/,
  ],
  [
    "a switch that no app can ask for",
    replaced(
      "kind: control, url: http://api.railway.internal/s, secret: { env: SWITCH_SECRET }",
      "kind: polling, token: { env: SWITCH_SECRET }",
    ),
    HERE,
    /^switches.read-only: the app asks for it, and Signalman listens on 127.0.0.1:8080/,
  ],
  [
    "a quiet time in which nothing may be done",
    replaced(
      "service: backend",
      "service: backend\n    quiet: 02:00-05:00\n    hours: 05:00-02:00",
    ),
    HERE,
    /^targets\[0\].quiet: 02:00 to 05:00 UTC lies outside of the hours 05:00 to 02:00 UTC/,
  ],
  [
    "more looks than there is time for",
    `${TEXT}limits: { database-down: { samplesMin: 30, verifyMs: 2m } }\n`,
    HERE,
    /^limits.database-down: 30 healthy looks of postgres \(postgres\) take 4 min 57 s at least, and verifyMs is 2 min/,
  ],
  [
    "more looks beside than there is time for",
    `${TEXT}limits: { high-error-rate: { verifyMs: 2m } }\nverify: { high-error-rate: { up: 30 } }\n`,
    HERE,
    /^verify.high-error-rate.up: 30 healthy looks of api take 5 min at least, and verifyMs is 2 min/,
  ],
];

describe("what check says about safety", () => {
  it.each([HERE, ON_RAILWAY])("warns of nothing where all is well", async (env) => {
    expect((await load(TEXT, env)).warnings).toEqual([]);
    expect((await load(suggesting, env)).warnings).toEqual([]);
  });

  it.each(MISTAKES)("warns: %s", async (_, text, env, warning) => {
    const { warnings } = await load(text, env);
    expect(warnings).toEqual([expect.stringMatching(warning)]);
  });

  it("warns of an approval nobody hears of", async () => {
    const { warnings } = await load(suggesting.replace(/slack: .*\n/, ""), HERE);
    expect(warnings).toContain("no slack.webhook: nobody is told anything");
    expect(warnings).toContainEqual(
      expect.stringMatching(/^no slack.webhook: .* waits for an approval, and nobody hears of it/),
    );
  });

  it("says how much may happen without a person at the worst", async () => {
    const lines = async (text: string): Promise<readonly string[]> =>
      reasonAboutSafety(await load(text, HERE)).lines;
    const [first, ...others] = await lines(TEXT);
    expect(first).toMatch(
      /^without a person at most 8 destructive acts an hour \(.*restart 3.*\), at most 4 of them on one target$/,
    );
    expect(others).toContain(
      "rollback: Railway keeps the image of a replaced release for 72 h on the plan hobby; later there is nothing to go back to",
    );
    expect(others.join()).toContain("whether a project token may");
    // Only the restart of the database alone: its own budget is the lowest.
    expect(
      await lines(
        replaced(
          "{ default: auto }",
          "{ database-down: auto, switch: suggest, rollback: suggest }",
        ),
      ),
    ).toEqual(
      expect.arrayContaining([
        "without a person at most 3 destructive acts an hour (restart 3), at most 3 of them on one target",
        "only by approval: rollback",
      ]),
    );
    expect((await lines(suggesting))[0]).toBe("nothing destructive is done without a person");
  });
});
