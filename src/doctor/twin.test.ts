import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";

import { startTwin, type Twin } from "../../twin/index.ts";
import type { Finding } from "./finding.ts";

// The command as an operator types it, against the twin: real names and shapes, and a real switch.

const ROOT = join(import.meta.dirname, "..", "..");
let twin: Twin;
let data: string;

beforeAll(async () => {
  twin = await startTwin({ redis: false });
  data = mkdtempSync(join(tmpdir(), "signalman-doctor-"));
});

afterAll(async () => {
  await twin?.stop();
  rmSync(data, { recursive: true, force: true });
});

async function doctor(args: readonly string[], more: Record<string, string | undefined> = {}) {
  const ran = await execa(process.execPath, [join(ROOT, "bin", "signalman"), "doctor", ...args], {
    env: {
      PATH: process.env["PATH"],
      ...twin.env,
      SWITCH_URL: `${twin.urls.api}/_signalman/switches`,
      RAILWAY_STATUS_URL: `${twin.urls.platform}/status`,
      SIGNALMAN_DATA: data,
      ...more,
    },
    extendEnv: false,
    reject: false,
  });
  for (const name of ["RAILWAY_TOKEN", "SWITCH_SECRET", "SLACK_WEBHOOK_URL", "DATABASE_URL"])
    expect(`${ran.stdout}${ran.stderr}`).not.toContain(twin.env[name] ?? name);
  return ran;
}

const CONFIG = ["--config", join(ROOT, "twin", "signalman.yaml")];

it("finds that the twin's token can do what the runbooks ask, and exits 0", async () => {
  const ran = await doctor([...CONFIG, "--json"]);
  const { ok, findings } = JSON.parse(ran.stdout) as { ok: boolean; findings: Finding[] };
  expect(findings.filter(({ answer }) => answer === "no")).toEqual([]);
  expect(findings).toContainEqual(
    expect.objectContaining({
      about: "action",
      name: "restart of postgres (auto)",
      answer: "expected",
    }),
  );
  expect(findings).toContainEqual(
    expect.objectContaining({ about: "switch", answer: "yes", detail: "off" }),
  );
  expect(findings.find(({ about }) => about === "quota")?.detail).toMatch(/^\d+ left/);
  expect([ok, ran.exitCode]).toEqual([true, 0]);
}, 60_000);

it("tells an account's token, and exits 1 for one that nobody knows and 2 for a wrong file", async () => {
  const account = await doctor(CONFIG, {
    RAILWAY_TOKEN: undefined,
    RAILWAY_API_TOKEN: twin.accountToken,
  });
  expect(account.stdout).toContain("account token of TradeSense");
  expect(account.stdout).not.toContain(twin.accountToken);
  const unknown = await doctor(CONFIG, { RAILWAY_TOKEN: "nobody" });
  expect(unknown.exitCode).toBe(1);
  expect(unknown.stdout).toMatch(/^no +token Railway: it is refused: .*railway-bad-token/m);
  expect((await doctor(["--config", "/nowhere.yaml"])).exitCode).toBe(2);
  expect((await doctor(["--secret"])).exitCode).toBe(2);
}, 60_000);
