import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";
import { request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startDaemonProcess } from "../../src/gameday/daemon-process.ts";
import { waitFor } from "../../src/gameday/wait.ts";
import { startTwin, type Twin } from "../../twin/index.ts";
import { bringUp, write } from "../support/guarded-api.ts";
import { isAlive, processesMarked } from "../support/process.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const BIN = join(ROOT, "bin", "signalman");
const NEVER = new AbortController().signal;

describe("the daemon as a process", { timeout: 60_000 }, () => {
  let twin: Twin;
  let folder: string;
  beforeAll(async () => {
    twin = await startTwin({ budget: { perHour: 100_000, perSecond: 1_000 } });
    folder = mkdtempSync(join(tmpdir(), "signalman-daemon-"));
  });
  afterAll(async () => {
    await twin.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function env(more: Record<string, string> = {}): Record<string, string | undefined> {
    return {
      PATH: process.env["PATH"],
      ...twin.env,
      SWITCH_URL: `${twin.urls.api}/_signalman/switches`,
      RAILWAY_STATUS_URL: `${twin.urls.platform}/status`,
      SIGNALMAN_DATA: folder,
      PORT: "0",
      ...more,
    };
  }
  const configFile = join(ROOT, "twin", "signalman.yaml");
  const start = (more: Record<string, string> = {}) =>
    startDaemonProcess({ env: env(more), configFile, signal: NEVER });

  it("gets ready, serves health and metrics, and logs in Railway's shape", async () => {
    const daemon = await start();
    await waitFor("ready", 15_000, async () =>
      (await get(`${daemon.address}/readyz`)).status === 200 ? true : null,
    );
    expect(await get(`${daemon.address}/healthz`)).toMatchObject({
      status: 200,
      text: '{"status":"ok"}',
    });
    const metrics = await get(`${daemon.address}/metrics`);
    expect(metrics.text).toMatch(
      /signalman_samples_total\{target="postgres",probe="postgres",result="up"\} [1-9]/,
    );
    expect(metrics.text).toMatch(/^signalman_store_writable 1$/m);
    for (const line of daemon.log().trim().split("\n")) {
      const entry = JSON.parse(line) as { level?: unknown; message?: unknown };
      expect(["info", "warn", "error"]).toContain(entry.level);
      expect(typeof entry.message).toBe("string");
    }
    for (const secret of [
      twin.env["RAILWAY_TOKEN"],
      twin.env["SWITCH_SECRET"],
      "XXXX",
      new URL(twin.env["DATABASE_URL"] ?? "").password,
    ]) {
      expect(daemon.log()).not.toContain(secret);
    }

    const second = await execa(process.execPath, [BIN, "start", "--config", configFile], {
      env: env(),
      extendEnv: false,
      reject: false,
    });
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toContain("Another Signalman uses the data folder");

    const stopped = await daemon.stop();
    expect(stopped.code).toBe(0);
    expect(stopped.tookMs).toBeLessThan(5_000);
    await expect(get(`${daemon.address}/healthz`)).rejects.toThrow();
    // The folder is free again.
    const third = await start();
    expect((await third.stop()).code).toBe(0);
  });

  it("ends read-only mode when it is asked to go in the middle of an incident", async () => {
    await twin.inject({ fault: "restart-fails", service: "Postgres" });
    const daemon = await start({ SIGNALMAN_DATA: join(folder, "going") });
    await twin.inject({ fault: "kill", service: "Postgres" });
    await waitFor("read-only mode is on", 20_000, async () =>
      (await write(twin)).text.includes("read-only") ? true : null,
    );
    const stopped = await daemon.stop();
    expect(stopped.code).toBe(0);
    expect(stopped.tookMs).toBeLessThan(5_000);
    expect((await write(twin)).text).not.toContain("read-only");
    await twin.clear();
  });

  it("does nothing and says so directly while the journal cannot be written, and goes on afterwards", async () => {
    const data = join(folder, "full");
    await bringUp(twin);
    const before = (await slack()).length;
    const daemon = await start({ SIGNALMAN_DATA: data });
    await waitFor("ready", 15_000, async () =>
      (await get(`${daemon.address}/readyz`)).status === 200 ? true : null,
    );
    const restarts = twin.state().counters.restarts["Postgres"] ?? 0;
    // As root nothing is read-only, so another writer holds the journal: every write fails all the same.
    const holder = await holdJournal(join(data, "journal.db"));
    await twin.inject({ fault: "kill", service: "Postgres" });
    await waitFor("/readyz is false", 20_000, async () => {
      const answer = await get(`${daemon.address}/readyz`);
      return answer.status === 503 && answer.text.includes("store:") ? true : null;
    });
    await waitFor("Slack is told directly", 10_000, async () =>
      (await slack()).slice(before).some((text) => text.includes("cannot write my journal"))
        ? true
        : null,
    );
    expect(twin.state().counters.restarts["Postgres"] ?? 0).toBe(restarts);
    await holder.stop();
    await waitFor("the incident is resolved", 40_000, async () =>
      (await slack()).slice(before).some((text) => text.includes("*Resolved: postgres"))
        ? true
        : null,
    );
    expect(twin.state().counters.restarts["Postgres"] ?? 0).toBe(restarts + 1);
    expect((await daemon.stop()).code).toBe(0);
  });

  it("refuses to start on a file that is wrong, and check lists all of it", async () => {
    const file = join(folder, "wrong.yaml");
    writeFileSync(
      file,
      [
        "version: 1",
        "targets:",
        "  - name: api",
        "    url: https://api.example.com",
        "    servise: tradesense-backend",
        "    needs: [mysql]",
        "    probes: [{ kind: http, path: /health, every: soon }]",
        "slack: { webhook: https://hooks.example.com/T/B/secret-of-mine }",
        "modes: { restart: yolo }",
      ].join("\n"),
    );
    const check = await execa(process.execPath, [BIN, "check", file], {
      env: env(),
      extendEnv: false,
      reject: false,
    });
    expect(check.exitCode).toBe(2);
    const faults = check.stderr.split("\n").filter((line) => line.includes("wrong.yaml:"));
    expect(faults).toHaveLength(5);
    expect(faults.map((line) => /wrong\.yaml:(\d+):/.exec(line)?.[1])).toEqual([
      "5",
      "6",
      "7",
      "8",
      "9",
    ]);
    expect(check.stderr).not.toContain("secret-of-mine");
    const json = await execa(process.execPath, [BIN, "check", file, "--json"], {
      env: env(),
      extendEnv: false,
      reject: false,
    });
    expect((JSON.parse(json.stdout) as { faults: unknown[] }).faults).toHaveLength(5);
    const started = await execa(process.execPath, [BIN, "start", "--config", file], {
      env: env(),
      extendEnv: false,
      reject: false,
    });
    expect(started.exitCode).toBe(2);
    expect(started.stderr).toContain("wrong.yaml:5:");
  });

  it("refuses its own service as a target", async () => {
    const own = await execa(process.execPath, [BIN, "check", configFile], {
      env: env({ RAILWAY_SERVICE_NAME: "Postgres" }),
      extendEnv: false,
      reject: false,
    });
    expect(own.exitCode).toBe(2);
    expect(own.stderr).toMatch(/own service|itself/i);
  });

  async function slack(): Promise<readonly string[]> {
    const { text } = await get(`${twin.urls.platform}/slack/messages`);
    const read = JSON.parse(text) as
      | { messages: { body: { text: string } }[] }
      | { body: { text: string } }[];
    return (Array.isArray(read) ? read : read.messages).map((message) => message.body.text);
  }
});

describe("npm start without a configuration", { timeout: 90_000 }, () => {
  it("guards the twin, says what to open and what to break, heals it, and leaves nothing behind", async () => {
    const home = mkdtempSync(join(tmpdir(), "signalman-start-"));
    const mark = `SIGNALMAN_TEST_MARK=${home}`;
    const child = execa(process.execPath, [BIN, "start"], {
      cwd: home,
      env: { PATH: process.env["PATH"], SIGNALMAN_TEST_MARK: home },
      extendEnv: false,
      reject: false,
      all: true,
    });
    let shown = "";
    child.all.on("data", (chunk: Buffer) => (shown += chunk.toString()));
    const curl = await waitFor("the command that breaks something", 60_000, async () =>
      /curl -X POST (\S+) .*-d '([^']+)'/.exec(shown),
    );
    const answer = await request(curl[1] ?? "", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: curl[2] ?? "",
    });
    expect(answer.statusCode).toBe(200);
    await answer.body.dump();
    await waitFor("it is healed before one's eyes", 40_000, async () =>
      shown.includes("Slack: Resolved: postgres is well") ? true : null,
    );
    const platform = new URL(curl[1] ?? "").origin;
    const state = JSON.parse((await get(`${platform}/twin/state`)).text) as {
      services: { pid: number | null }[];
    };
    const pids = [...processesMarked(mark), ...state.services.flatMap(({ pid }) => pid ?? [])];
    expect(pids.length).toBeGreaterThanOrEqual(4);
    const begun = performance.now();
    child.kill("SIGTERM");
    const result = await child;
    expect(result.exitCode).toBe(0);
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(processesMarked(mark)).toEqual([]);
    expect(pids.filter(isAlive)).toEqual([]);
    await expect(get(`${platform}/twin/state`)).rejects.toThrow();

    // The books stay, and are found from the same place.
    const books = await execa(process.execPath, [BIN, "incidents", "--json"], {
      cwd: home,
      env: { PATH: process.env["PATH"] },
      extendEnv: false,
      reject: false,
    });
    expect(books.exitCode).toBe(0);
    expect(books.stdout).toContain("database-down");
    rmSync(home, { recursive: true, force: true });
  });

  it("does not start a twin on Railway", async () => {
    const home = mkdtempSync(join(tmpdir(), "signalman-start-"));
    const result = await execa(process.execPath, [BIN, "start"], {
      cwd: home,
      env: { PATH: process.env["PATH"], RAILWAY_ENVIRONMENT_ID: "e" },
      extendEnv: false,
      reject: false,
    });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain("No configuration");
    rmSync(home, { recursive: true, force: true });
  });
});

async function get(url: string): Promise<{ status: number; text: string }> {
  const answer = await request(url, { signal: AbortSignal.timeout(3_000) });
  return { status: answer.statusCode, text: await answer.body.text() };
}

/** Another process that holds the journal's write lock, as a backup tool gone wrong would. */
async function holdJournal(file: string): Promise<{ stop(): Promise<void> }> {
  const child = execa(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `import { DatabaseSync } from "node:sqlite";
       const db = new DatabaseSync(${JSON.stringify(file)});
       db.exec("PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE");
       console.log("held");
       process.stdin.on("end", () => { db.exec("ROLLBACK"); db.close(); }).resume();`,
    ],
    { stdin: "pipe", stdout: "pipe", reject: false },
  );
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    void child.then((result) => reject(new Error(result.stderr)));
  });
  return {
    stop: async () => {
      child.stdin.end();
      await child;
    },
  };
}
