import { describe, expect, it } from "vitest";

import type { Config } from "./config.ts";
import { reasonAboutSafety } from "./safety.ts";
import { ENV, loadText } from "./test-files.ts";

const text = (postgres: string, more = "", api = "{ kind: http, path: /health }, "): string =>
  `version: 1
targets:
  - name: api
    service: backend
    url: http://api.railway.internal:3000
    probes: [${api}{ kind: prometheus, path: /metrics }]
  - name: postgres
    service: Postgres
    probes: [{ kind: postgres, url: { env: DATABASE_URL }${postgres} }]
slack: { webhook: { env: SLACK_WEBHOOK_URL } }
modes: { default: auto }
${more}`;
const SLOW = ", every: 60s";

async function load(written: string): Promise<Config> {
  const loaded = await loadText(written, ENV);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  return loaded.config;
}

const linesAbout = (config: Config, target: string): string =>
  reasonAboutSafety(config)
    .lines.filter((line) => line.startsWith(`${target}: `))
    .join("\n");

describe("how long an act is verified", () => {
  it("is what the runbook says where the looks are often enough", async () => {
    const config = await load(text(""));
    expect(config.rules.targets["postgres"]?.verifyMs).toBeUndefined();
    expect(linesAbout(config, "postgres")).toContain("database-down 3 within 2 min");
  });

  it("is as long as the looks need where they are not, and check says so", async () => {
    const config = await load(text(SLOW));
    // Well after two retries of 20 s, two more looks; and a whole interval, a timeout and a moment of slack.
    expect(config.rules.targets["postgres"]?.verifyMs?.["database-down"]).toBe(225_000);
    expect(linesAbout(config, "postgres")).toContain(
      "database-down 3 within 3 min 45 s, because the looks come too seldom for 2 min",
    );
    expect(config.warnings).not.toContainEqual(expect.stringContaining("no act is ever proven"));
    expect(config.rules.targets["api"]?.verifyMs).toBeUndefined();
  });

  it("grows with the looks that a person wants", async () => {
    const config = await load(text("", "limits: { database-down: { samplesMin: 30 } }\n"));
    expect(config.rules.targets["postgres"]?.verifyMs?.["database-down"]).toBe(311_666);
  });

  it("is left as a person has set it, and warned of where nothing can be proven in it", async () => {
    const config = await load(text(SLOW, "limits: { database-down: { verifyMs: 2m } }\n"));
    expect(config.rules.targets["postgres"]?.verifyMs).toBeUndefined();
    expect(config.warnings).toContainEqual(
      expect.stringMatching(
        /^limits.database-down: 3 healthy looks of postgres .* verifyMs is 2 min/,
      ),
    );
  });
});

describe("what an act is verified by", () => {
  it("is what the runbook names, and a person may name something else", async () => {
    const shipped = await load(text(""));
    expect(shipped.rules.runbooks["high-error-rate"]?.verify).toEqual({ up: 3 });
    expect(linesAbout(shipped, "api")).toContain("high-error-rate 1 and 3 of up within 10 min");
    const verify = "verify: { high-error-rate: { latency-shift: 2 }, memory-leak: {} }\n";
    const { rules } = await load(text("", verify));
    expect(rules.runbooks["high-error-rate"]?.verify).toEqual({ "latency-shift": 2 });
    expect(rules.runbooks["memory-leak"]?.verify).toEqual({});
    expect(rules.targets["api"]?.watched).toMatchObject({
      "latency-shift": ["api|prometheus /metrics|latency-shift", "api|railway|latency-shift"],
    });
    expect(rules.hash).not.toBe(shipped.rules.hash);
  });

  it("is not asked for where nobody watches it, and check says so", async () => {
    const config = await load(text("", "", ""));
    expect(config.rules.targets["api"]?.watched?.["up"]).toEqual(["api|railway|up"]);
    const { warnings } = await load(text("", "verify: { memory-leak: { error-share: 2 } }\n"));
    expect(warnings).toContain(
      "verify.memory-leak.error-share: nobody watches it of postgres, so it is not asked for there",
    );
  });
});
