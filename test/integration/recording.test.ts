import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startApp, type App } from "../../src/app.ts";
import { openRecording } from "../../src/cli/recording.ts";
import { register as registerRecord } from "../../src/cli/record.ts";
import { register as registerReplay } from "../../src/cli/replay.ts";
import { loadConfig } from "../../src/config/load.ts";
import { panelsFor } from "../../src/config/panels.ts";
import { canonical } from "../../src/domain/json.ts";
import type { Entry } from "../../src/domain/world.ts";
import { systemClock } from "../../src/engine/clock.ts";
import { waitFor } from "../../src/gameday/wait.ts";
import { createReplay } from "../../src/replay/replay.ts";
import { openRecords, openSqliteStore } from "../../src/storage/sqlite/index.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { startTwin, type Twin } from "../../twin/index.ts";

const NEVER = new AbortController().signal;

/** Promise P10: the same samples, events and facts, with the same configuration, give the same decisions, byte for byte. */
describe("the recording of a real incident", { timeout: 120_000 }, () => {
  let twin: Twin;
  let folder: string;
  let configFile: string;
  let env: Record<string, string | undefined>;
  beforeAll(async () => {
    twin = await startTwin({ budget: { perHour: 1_000_000, perSecond: 10_000 } });
    folder = mkdtempSync(join(tmpdir(), "signalman-recording-"));
    configFile = join(folder, "signalman.yaml");
    writeFileSync(configFile, CONFIGURATION);
    env = {
      ...twin.env,
      SWITCH_URL: `${twin.urls.api}/_signalman/switches`,
      RAILWAY_STATUS_URL: `${twin.urls.platform}/status`,
      SIGNALMAN_DATA: folder,
      PORT: "0",
    };
    await live();
  });
  afterAll(async () => {
    await twin.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Two lives of the daemon: one through an incident, one that finds the books of the first. */
  async function live(): Promise<void> {
    const first = await start();
    await twin.inject({ fault: "kill", service: "Postgres" });
    await waitFor("the incident is over", 60_000, async () => {
      const incidents = Object.values(first.world().incidents);
      return incidents.some(({ closedAt }) => closedAt !== null) ? true : null;
    });
    await first.stop();
    const second = await start();
    await twin.inject({ fault: "kill", service: "Postgres" });
    await waitFor("read-only mode is on", 60_000, async () =>
      Object.values(second.world().leases).some(({ state }) => state === "active") ? true : null,
    );
    await second.stop();
  }

  async function start(): Promise<App> {
    const loaded = await loadConfig(configFile, env);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
    const opened = await openSqliteStore({ folder });
    if (opened.kind !== "open") throw new Error(JSON.stringify(opened));
    return startApp({
      config: loaded.config,
      version: "test",
      store: opened.store,
      samples: opened.samples,
      clock: systemClock,
      log: createLog("silent"),
      metrics: createMetrics(),
    });
  }

  async function run(...args: string[]) {
    const told = { out: [] as string[], err: [] as string[], code: 0 };
    const io = {
      env,
      cwd: folder,
      out: (text: string) => void told.out.push(...text.split("\n")),
      err: (text: string) => void told.err.push(text),
      exit: (code: number) => void (told.code = code),
    };
    const program = new Command().exitOverride();
    registerRecord(program, io);
    registerReplay(program, io);
    await program.parseAsync(["node", "signalman", ...args]);
    return told;
  }

  async function journal(): Promise<readonly Entry[]> {
    const opened = await openRecords({ folder });
    if (opened.kind !== "open") throw new Error(JSON.stringify(opened));
    const entries = await opened.records.entries({}, NEVER);
    await opened.records.close();
    return entries;
  }

  /** What each event of the recording was decided to change, in order. */
  async function decisionsOf(file: string): Promise<readonly string[]> {
    const loaded = await loadConfig(configFile, env);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
    const decisions: string[] = [];
    const replay = createReplay({
      rules: loaded.config.rules,
      onlyTarget: "api",
      judgeFor: panelsFor(loaded.config.targets),
      verbose: false,
      onDecision: (event, decision) => decisions.push(canonical({ event, decision })),
    });
    using recording = await openRecording(file, folder);
    for await (const bunch of recording.bunches()) {
      for (const read of bunch.lines) {
        if (read === null) continue;
        if (read.kind === "sample") replay.take(read.line);
        else if (read.kind === "event") replay.hear(read.line);
        else if (read.kind === "fact") replay.learn(read.line);
        else throw new Error(JSON.stringify(read));
      }
    }
    replay.end();
    return decisions;
  }

  it("replays to the journal's own decisions, entry by entry, over both lives", async () => {
    const recorded = await run("record", "--out", "s.ndjson", "--data", folder);
    expect(recorded.err).toEqual([]);
    expect(recorded.out.join("\n")).toMatch(
      /^\d+ samples of 2 targets and \d+ events in s\.ndjson$/,
    );
    const entries = await journal();
    expect(entries.filter(({ event }) => event.type === "outcome").length).toBeGreaterThan(3);
    expect(await decisionsOf("s.ndjson")).toEqual(
      entries.map(({ event, decision }) => canonical({ event, decision })),
    );
  });

  it("says with the command the same twice: what opened, what was asked and told, what closed", async () => {
    await run("record", "--out", "s.ndjson", "--data", folder);
    const once = await run("replay", "--samples", "s.ndjson", "--config", configFile, "--verbose");
    expect(once).toMatchObject({ err: [], code: 0 });
    expect(
      await run("replay", "--samples", "s.ndjson", "--config", configFile, "--verbose"),
    ).toEqual(once);
    const said = once.out.map((line) => JSON.parse(line) as { event: string; title?: string });
    const titles = said.flatMap(({ title }) => title ?? []);
    expect(titles).toContain("Done: restarted postgres");
    expect(said.filter(({ event }) => event === "open").length).toBeGreaterThanOrEqual(2);
    expect(said.some(({ event }) => event === "close")).toBe(true);
  });

  it("notes that another configuration decided, when it is not named", async () => {
    await run("record", "--out", "s.ndjson", "--data", folder);
    const { err, code } = await run("replay", "--samples", "s.ndjson");
    expect(code).toBe(0);
    expect(err.join("\n")).toContain("name that one with --config");
  });

  it("gives the time around one incident, with the books as they stood", async () => {
    const second = (await journal()).findLast(({ decision }) =>
      decision.reasons.some(({ code }) => code === "opened"),
    )?.decision.incident;
    const { code } = await run(
      "record",
      "--out",
      "i.ndjson",
      "--data",
      folder,
      "--incident",
      `${second}`,
    );
    expect(code).toBe(0);
    const { out } = await run("replay", "--samples", "i.ndjson", "--config", configFile);
    expect(out.join("\n")).toContain(`"id":"${second}"`);
    expect(await run("record", "--out", "-", "--data", folder, "--incident", "nope")).toMatchObject(
      {
        code: 1,
        err: [expect.stringContaining('no incident "nope"')],
      },
    );
  });
});

const CONFIGURATION = `
version: 1
targets:
  - name: api
    service: tradesense-backend
    url: { env: API_URL }
    needs: [postgres]
    probes:
      - { kind: http, path: /health, every: 400ms, retryEvery: 250ms, timeout: 3s, expect: { json: { status: healthy } } }
  - name: postgres
    service: Postgres
    probes:
      - { kind: postgres, url: { env: DATABASE_URL }, every: 400ms, retryEvery: 250ms, timeout: 1s }
switches:
  read-only:
    drivers: [{ kind: control, url: { env: SWITCH_URL }, secret: { env: SWITCH_SECRET } }]
slack: { webhook: { env: SLACK_WEBHOOK_URL } }
modes: { default: auto }
railway: { status: { env: RAILWAY_STATUS_URL }, plan: enterprise }
actions:
  restart: { deadline: 2s, settle: 5s }
limits:
  database-down: { waitMs: 500ms, confirmAgainMs: 300ms, soakMs: 500ms, verifyMs: 15s, undoAgainMs: 500ms, samplesMin: 2 }
`;
