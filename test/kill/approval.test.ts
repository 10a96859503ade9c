import { createHash } from "node:crypto";

import { request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { register as approvals } from "../../src/cli/approvals.ts";
import { register as incidents } from "../../src/cli/incidents.ts";
import { run as command } from "../../src/cli/reading.fixture.ts";
import type { Attempt } from "../../src/domain/attempt.ts";
import { waitFor } from "../../src/gameday/wait.ts";
import { openStage, type Run, type Stage } from "./stage.ts";

const TOKEN = "a-token-of-rita";
const MODES = "{ default: auto, restart: suggest }";
const TOKENS = `rita:responder:${createHash("sha256").update(TOKEN).digest("hex")}`;

/** Mode suggest with real processes: a person's yes starts the act once, also through a kill between yes and start. */
describe("an approved restart", { timeout: 60_000 }, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
  });

  it("by command: waits, is asked about with the command to copy, and is carried out once", async () => {
    await using run = await stage.begin({ modes: MODES });
    await run.daemon();
    const { id, incident } = await waiting(stage, run);
    const [asked = ""] = await waitFor("Slack asks", 10_000, async () => {
      const found = (await run.slack()).filter((text) => text.includes("*May I? restart"));
      return found.length > 0 ? found : null;
    });
    expect(asked).toContain(`signalman approve ${id}`);
    const shown = await command(incidents, ["incidents", String(incident), "--data", run.folder]);
    expect(shown.out).toContain(`yes: signalman approve ${id}   no: signalman reject ${id}`);
    expect(run.restarts()).toBe(0);
    const args = [id, "--by", "ann", "--data", run.folder];
    const first = await command(approvals, ["approve", ...args]);
    expect(first).toMatchObject({ code: 0, err: "" });
    const twice = await command(approvals, ["approve", ...args]);
    expect(twice).toMatchObject({ code: 1, out: "" });
    expect(twice.err).toMatch(/is approved already, by ann|started at/);
    await untilJudged(run);
    expect(run.restarts()).toBe(1);
    const late = await command(approvals, ["reject", ...args]);
    expect(late).toMatchObject({ code: 1 });
    expect(late.err).toMatch(/ended at .*effective/);
    await expectOne(run, "ann (command line)");
  });

  it("by HTTP: is carried out once by the next daemon when the first is killed before the start", async () => {
    await using run = await stage.begin({ modes: MODES, tokens: TOKENS });
    const daemon = await run.daemon("approved");
    const { id } = await waiting(stage, run);
    const url = `${daemon.address}/api/v1/attempts/${id}/approve`;
    expect(await post(url, "wrong")).toBe(401);
    expect(await post(`${daemon.address}/api/v1/pause`, TOKEN)).toBe(200);
    expect(await post(url, TOKEN)).toBe(409);
    expect(await post(`${daemon.address}/api/v1/resume`, TOKEN)).toBe(200);
    // It dies in the middle of its answer.
    await post(url, TOKEN).catch(() => null);
    await daemon.ended;
    expect(run.restarts()).toBe(0);
    await run.daemon();
    await untilJudged(run);
    expect(run.restarts()).toBe(1);
    await expectOne(run, "rita (HTTP)");
    expect(daemon.log()).not.toContain(TOKEN);
  });

  it("goes on without read-only mode, which a person approves beside it", async () => {
    await using run = await stage.begin({ modes: "{ default: suggest }", tokens: TOKENS });
    const daemon = await run.daemon();
    const restart = await waiting(stage, run);
    const contain = await waitingIn(run, "contain");
    expect(await post(`${daemon.address}/api/v1/attempts/${contain.id}/approve`, TOKEN)).toBe(200);
    await waitFor("writes are refused", 10_000, async () => {
      const { status, text } = await run.write();
      return status === 503 && text.includes("Saving is switched off") ? true : null;
    });
    expect(run.restarts()).toBe(0);
    const args = [restart.id, "--by", "ann", "--data", run.folder];
    expect(await command(approvals, ["approve", ...args])).toMatchObject({ code: 0 });
    await untilJudged(run);
    await waitFor("it is off again", 20_000, async () =>
      (await run.write()).status < 300 ? true : null,
    );
    const { attempts } = await run.books();
    expect(attempts.filter(({ slot }) => slot === "contain")).toMatchObject([
      { state: "seen", tries: 1, approval: { by: "rita (HTTP)" } },
    ]);
  });
});

async function waiting(stage: Stage, run: Run): Promise<Attempt> {
  await stage.twin.inject({ fault: "kill", service: "Postgres" });
  return waitingIn(run, "remedy");
}

function waitingIn(run: Run, of: Attempt["slot"]): Promise<Attempt> {
  return waitFor(`${of} waits for a person`, 20_000, async () => {
    const { attempts } = await run.books();
    return attempts.find(({ slot, state }) => slot === of && state === "awaiting-approval") ?? null;
  });
}

async function untilJudged(run: Run): Promise<void> {
  await waitFor("it has helped", 30_000, async () =>
    (await run.books()).attempts.some(({ state }) => state === "effective") ? true : null,
  );
}

async function expectOne(run: Run, by: string): Promise<void> {
  const { attempts, entries } = await run.books();
  expect(attempts.filter(({ slot }) => slot === "remedy")).toMatchObject([
    { state: "effective", tries: 1, approval: { by } },
  ]);
  const yes = entries.flatMap(({ decision }) => decision.reasons.map(({ code }) => code));
  expect(yes.filter((code) => code === "approved")).toHaveLength(1);
}

async function post(url: string, token: string): Promise<number> {
  const answer = await request(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(5_000),
  });
  await answer.body.dump();
  return answer.statusCode;
}
