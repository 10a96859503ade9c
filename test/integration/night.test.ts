import { describe, expect, it } from "vitest";

import { panelsFor } from "../../src/config/panels.ts";
import { ENV, loadText } from "../../src/config/test-files.ts";
import { decide } from "../../src/core/decide.ts";
import { recompute } from "../../src/core/replay.ts";
import { apply, EMPTY_WORLD } from "../../src/domain/apply.ts";
import type { Attempt } from "../../src/domain/attempt.ts";
import type { Event } from "../../src/domain/event.ts";
import type { PlatformFact } from "../../src/domain/facts.ts";
import { eventId } from "../../src/domain/ids.ts";
import type { Observation, Values } from "../../src/domain/observation.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src/domain/time.ts";
import { verdictEvent } from "../../src/domain/event.ts";
import type { Entry } from "../../src/domain/world.ts";
import { createBoard } from "../../src/engine/board.ts";

// The real configuration, detectors and core: errors in the evening, an act, and then nobody asks any more.

const TEXT = `version: 1
targets:
  - name: api
    service: backend
    url: http://api.railway.internal:3000
    probes:
      - { kind: http, path: /health }
      - { kind: http, path: /trades }
      - { kind: prometheus, path: /metrics }
modes: { default: auto }
`;
const EVERY_MS = 10 * SECOND_MS;
const EVENING = Date.UTC(2026, 10, 2, 22);
const FAILS_AT = EVENING + 30 * MINUTE_MS;
const WELL: PlatformFact = { status: "well", statusDetail: "", obstacle: null, seen: {} };
const TIMEOUTS = {
  platform: "well",
  deployment: { status: "SUCCESS", stopped: false },
  inFlight: null,
  instances: ["RUNNING"],
  volume: null,
  errors: { timeout: 40, database: 1, other: 2 },
};

/** Lives through four hours; `look` is what the probes of the target see once more replicas run. */
async function night(look: { readonly [probe: string]: 0 | 1 | null }): Promise<readonly Entry[]> {
  const loaded = await loadText(TEXT, ENV);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  const { rules, targets } = loaded.config;
  const board = createBoard(EVENING, panelsFor(targets));
  const entries: Entry[] = [];
  let world = EMPTY_WORLD;
  const dispatch = (event: Event, platform?: PlatformFact): void => {
    const facts = { ...board.facts(), ...(platform === undefined ? {} : { platform }) };
    const decision = decide(world, event, facts, rules);
    if (decision.changes.length === 0) return;
    const under = { rules: rules.hash, runbook: null, machine: null };
    entries.push({ seq: world.seq + 1, at: event.at, event, facts, under, decision });
    world = apply(world, world.seq + 1, event.at, decision.changes);
  };
  const carryOut = ({ id, action }: Attempt, at: number): void => {
    const plan = action === "scale" ? { undo: { value: "down", restore: {}, set: {} } } : {};
    const about = { at, cause: null, attempt: id } as const;
    dispatch({ ...about, id: eventId("request", id, at), type: "request", plan }, WELL);
    if (world.attempts[id]?.state !== "started") return;
    const evidence = action === "inspect" ? { inspection: TIMEOUTS } : {};
    const outcome = { type: "outcome", state: "seen", evidence, problem: null } as const;
    dispatch({ ...about, id: eventId("outcome", id, at), ...outcome });
  };
  for (let at = EVENING; at < EVENING + 4 * HOUR_MS; at += EVERY_MS) {
    const hasScaled = Object.values(world.attempts).some(
      ({ slot, state }) => slot === "remedy" && !["planned", "held"].includes(state),
    );
    const failed = at >= FAILS_AT && !hasScaled ? 10 : 0;
    const seen = (probe: string, values: Values): Observation => ({
      target: "api",
      probe,
      ts: at,
      tookMs: 5,
      values,
    });
    const observations = [
      seen("prometheus /metrics", { requests: hasScaled ? 0 : 50, failed }),
      ...["http /health", "http /trades"].map((probe) =>
        seen(probe, { up: hasScaled ? (look[probe] ?? null) : 1 }),
      ),
    ];
    for (const verdict of board.judge(observations)) dispatch(verdictEvent(verdict));
    for (const timer of Object.values(world.timers).toSorted((a, b) => a.due - b.due)) {
      if (timer.due > at) continue;
      const { id: of, generation } = timer;
      const id = eventId("timer", of, generation);
      dispatch({ id, at, cause: null, type: "timer", timer: of, generation });
    }
    for (const attempt of Object.values(world.attempts))
      if (["planned", "held"].includes(attempt.state)) carryOut(attempt, at);
  }
  expect(recompute(JSON.parse(JSON.stringify(entries)) as Entry[], rules)).toEqual([]);
  return entries;
}

const last = (entries: readonly Entry[], slot: Attempt["slot"]): Attempt | undefined =>
  entries
    .flatMap(({ decision }) => decision.changes)
    .flatMap((change) =>
      change.table === "attempts" && change.row.slot === slot ? [change.row] : [],
    )
    .at(-1);
const incidentOf = (entries: readonly Entry[]) =>
  entries
    .flatMap(({ decision }) => decision.changes)
    .flatMap((change) =>
      change.table === "incidents" && change.row.kind === "high-error-rate" ? [change.row] : [],
    )
    .at(-1);

describe("an act after which nobody asks any more", () => {
  it("is proven by our own looks, and the incident ends in the same night", async () => {
    const entries = await night({ "http /health": 1, "http /trades": 1 });
    const remedy = last(entries, "remedy");
    expect(remedy).toMatchObject({ action: "scale", state: "effective" });
    // A fifth failed: three times five requests must have come, and two looks every ten seconds did.
    expect(Number(remedy?.evidence["ownLooks"])).toBeGreaterThanOrEqual(15);
    expect(incidentOf(entries)?.ending).toBe("resolved");
    expect(titlesOf(entries).at(-1)).toBe("Resolved: api is well");
    expect((remedy?.endedAt ?? 0) - (remedy?.startedAt ?? 0)).toBeLessThan(6 * MINUTE_MS);
  });

  it.each([
    ["one of our looks finds it down", { "http /health": 1, "http /trades": 0 }, "ineffective"],
    ["one of our looks cannot say", { "http /health": 1, "http /trades": null }, "unknown"],
    ["none of our looks can say", {}, "unknown"],
  ] as const)("is not where %s", async (_, look, state) => {
    const entries = await night(look);
    expect(last(entries, "remedy")).toMatchObject({ action: "scale", state });
    expect(incidentOf(entries)).toMatchObject({ state: "escalated", closedAt: null });
  });
});

function titlesOf(entries: readonly Entry[]): readonly string[] {
  return entries.flatMap(({ decision }) =>
    decision.changes.flatMap((change) => (change.table === "notices" ? [change.row.title] : [])),
  );
}
