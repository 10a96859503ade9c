import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";
import { Agent, request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startDaemonProcess, type DaemonProcess } from "../../src/gameday/daemon-process.ts";
import { waitFor } from "../../src/gameday/wait.ts";
import { startTwin, type Twin } from "../../twin/index.ts";

const BIN = join(import.meta.dirname, "..", "..", "bin", "signalman");
const NEVER = new AbortController().signal;
const SECRET = "hook-secret-of-this-test-0123456789";

/** Looks so rarely that within this test only a hint can bring one about. */
const CONFIG = `
version: 1
targets:
  - name: api
    service: tradesense-backend
    url: { env: API_URL }
    needs: [postgres]
    probes: [{ kind: http, path: /health, every: 10m, retryEvery: 300ms, expect: { json: { status: healthy } } }]
  - name: postgres
    service: Postgres
    probes: [{ kind: postgres, url: { env: DATABASE_URL }, every: 10m, retryEvery: 300ms, timeout: 1s }, { kind: heartbeat, expectEvery: 1h, secret: { env: HOOK_SECRET } }]
  - name: backup
    probes: [{ kind: heartbeat, expectEvery: 1h, every: 10m, secret: { env: HOOK_SECRET } }]
slack: { webhook: { env: SLACK_WEBHOOK_URL } }
hooks:
  railway: { secret: { env: HOOK_SECRET } }
  alertmanager: { secret: { env: HOOK_SECRET } }
  generic: { secret: { env: HOOK_SECRET } }
`;

describe("words from outside", { timeout: 60_000 }, () => {
  let twin: Twin;
  let folder: string;
  let daemon: DaemonProcess;
  const agent = new Agent({ connections: 20 });

  beforeAll(async () => {
    twin = await startTwin({ redis: false, budget: { perHour: 100_000, perSecond: 1_000 } });
    folder = mkdtempSync(join(tmpdir(), "signalman-hooks-"));
    writeFileSync(join(folder, "signalman.yaml"), CONFIG);
    daemon = await start();
  }, 60_000);
  afterAll(async () => {
    await daemon.stop();
    await agent.close();
    await twin.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function env(): Record<string, string | undefined> {
    return {
      PATH: process.env["PATH"],
      ...twin.env,
      RAILWAY_STATUS_URL: `${twin.urls.platform}/status`,
      SIGNALMAN_DATA: join(folder, "data"),
      HOOK_SECRET: SECRET,
      PORT: "0",
    };
  }
  async function start(): Promise<DaemonProcess> {
    const configFile = join(folder, "signalman.yaml");
    const started = await startDaemonProcess({ env: env(), configFile, signal: NEVER });
    await waitFor("ready", 20_000, async () =>
      (await ask(`${started.address}/readyz`)).status === 200 ? true : null,
    );
    return started;
  }
  async function ask(url: string, body?: unknown) {
    const begun = performance.now();
    const answer = await request(url, {
      dispatcher: agent,
      method: body === undefined ? "GET" : "POST",
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(5_000),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, text, tookMs: performance.now() - begun };
  }
  const post = (source: string, body: unknown) =>
    ask(`${daemon.address}/api/v1/hooks/${source}/${SECRET}`, body);
  async function looks(target: string, result: string): Promise<number> {
    const { text } = await ask(`${daemon.address}/metrics`);
    const line = `signalman_samples_total\\{target="${target}",[^}]*result="${result}"\\} (\\d+)`;
    return Number(new RegExp(line).exec(text)?.[1] ?? 0);
  }
  async function signalman(...args: readonly string[]): Promise<string> {
    const run = await execa(process.execPath, [BIN, ...args], { env: env(), extendEnv: false });
    return run.stdout;
  }
  const incidents = async (): Promise<readonly { id: string; kind: string; target: string }[]> =>
    (JSON.parse(await signalman("incidents", "--json")) as { incidents: [] }).incidents;
  async function slack(): Promise<readonly string[]> {
    const { text } = await ask(`${twin.urls.platform}/slack/messages`);
    return [...text.matchAll(/"text":\s*"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? "");
  }

  const crashed = {
    type: "Deployment.crashed",
    severity: "CRITICAL",
    timestamp: "2026-11-20T03:12:04.000Z",
    details: { id: "d-1", status: "CRASHED" },
    resource: { service: { id: "s-1", name: "Postgres" } },
  };

  it("five hundred repeats within a second slow nothing down and open nothing", async () => {
    // Ready does not wait for the first look of every probe.
    const before = await waitFor("its first look", 10_000, async () => {
      const first = await looks("postgres", "up");
      return first > 0 ? first : null;
    });
    const begun = performance.now();
    const sending = Array.from({ length: 500 }, () => post("railway", crashed));
    const health = await ask(`${daemon.address}/healthz`);
    const answers = await Promise.all(sending);
    const tookMs = performance.now() - begun;

    const counts = Map.groupBy(answers, ({ status }) => status);
    expect(counts.get(202)).toHaveLength(1);
    expect([...counts.keys()].filter((status) => ![200, 202, 429].includes(status))).toEqual([]);
    expect(health.status).toBe(200);
    expect(tookMs).toBeLessThan(3_000);
    // One of them was new, so there was one look more.
    await waitFor("one more look", 5_000, async () =>
      (await looks("postgres", "up")) > before ? true : null,
    );
    expect(await looks("postgres", "up")).toBe(before + 1);
    // For the next test: a job of the database that called a moment ago is no second path, it says nothing about now.
    await ask(`${daemon.address}/api/v1/hooks/heartbeat/postgres/${SECRET}`);
    expect(await incidents()).toEqual([]);
    expect((await ask(`${daemon.address}/readyz`)).status).toBe(200);
  });

  it("an event about a crashed service makes the next look happen at once", async () => {
    await twin.inject({ fault: "kill", service: "Postgres" });
    const begun = performance.now();
    const sent = await post("railway", { ...crashed, timestamp: "2026-11-20T03:13:00.000Z" });
    expect(sent).toMatchObject({ status: 202, text: expect.stringContaining('["postgres"]') });
    await waitFor("a look finds it down", 3_000, async () =>
      (await looks("postgres", "down")) > 0 ? true : null,
    );
    const tookMs = performance.now() - begun;
    expect(tookMs).toBeLessThan(1_500);
    const id = await waitFor("the incident", 10_000, async () => {
      const found = (await incidents()).find(({ kind }) => kind === "database-down");
      return found?.id ?? null;
    });
    // The word that led to the look came before the incident, and is in its story all the same.
    await waitFor("why shows what Railway said", 10_000, async () =>
      (await signalman("why", id)).includes("railway said at") ? true : null,
    );
    await waitFor("a second path agrees", 10_000, async () =>
      (await signalman("why", id)).includes("confirm-down") ? true : null,
    );
    expect(await signalman("why", id)).toMatch(
      /railway said at [\d:]+ UTC: Deployment\.crashed \(critical\): Deployment\.crashed of Postgres/,
    );
    expect(await signalman("report", id, "--format", "md")).toContain("railway said at");
  });

  it("an alert that fits nothing tells a person once, and that it is over", async () => {
    const alert = (status: string) => ({
      status,
      alerts: [
        {
          status,
          fingerprint: "f1",
          startsAt: "2026-11-20T03:12:04Z",
          labels: { alertname: "DiskFull", severity: "critical", job: "mail" },
          annotations: { summary: "<!channel> 98 % used\u202e" },
        },
      ],
    });
    for (let storm = 0; storm < 50; storm += 1) await post("alertmanager", alert("firing"));
    await waitFor("Slack is told", 10_000, async () =>
      (await slack()).some((text) => text.includes("DiskFull")) ? true : null,
    );
    const told = (await slack()).filter((text) => text.includes("DiskFull"));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/&lt;!channel&gt; 98 % used +\(job mail\)/);
    const outside = (await incidents()).filter(({ target }) => target === "hook alertmanager");
    expect(outside).toHaveLength(1);
    await post("alertmanager", alert("resolved"));
    await waitFor("Slack is told that it is over", 20_000, async () =>
      (await slack()).some((text) => text.includes("Resolved, says alertmanager")) ? true : null,
    );
    const [{ id } = { id: "" }] = outside;
    for (const text of [
      await signalman("why", id),
      await signalman("report", id, "--format", "md"),
    ]) {
      expect(text).toContain("DiskFull");
      expect(text).not.toMatch(/first failing sample/i);
      expect(text).not.toMatch(/[\u202a-\u202e]/);
    }
  });

  it("counts become samples", async () => {
    for (let tries = 0; tries < 3; tries += 1)
      await post("generic", { signal: "complaints", target: "api", count: 7, id: "inbox 1" });
    await waitFor("they are recorded", 20_000, async () => {
      const out = join(folder, "out.ndjson");
      await signalman("record", "--out", out);
      const sum = readLines(out)
        .filter(({ signal, probe }) => signal === "complaints" && probe === "hook generic")
        .reduce((total, { value }) => total + Number(value), 0);
      return sum === 7 ? true : null;
    });
  });

  it("a call survives the daemon's death", async () => {
    const url = `${daemon.address}/api/v1/hooks/heartbeat/backup/${SECRET}`;
    expect(await looks("backup", "up")).toBe(0);
    expect(await ask(url)).toMatchObject({ status: 200, text: "ok\n" });
    await waitFor("the look sees it", 5_000, async () =>
      (await looks("backup", "up")) > 0 ? true : null,
    );
    await daemon.kill();
    daemon = await start();
    await waitFor("the next life knows it", 5_000, async () =>
      (await looks("backup", "up")) > 0 ? true : null,
    );
    expect(await looks("backup", "unknown")).toBe(0);

    const again = `${daemon.address}/api/v1/hooks/heartbeat/backup/${SECRET}?state=fail`;
    expect(await ask(again)).toMatchObject({ status: 200 });
    await waitFor("one call that failed opens", 10_000, async () =>
      (await incidents()).some(({ kind, target }) => kind === "unclassified" && target === "backup")
        ? true
        : null,
    );
    expect(daemon.log()).not.toContain(SECRET);
  });
});

function readLines(file: string): readonly Record<string, unknown>[] {
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
