import { request } from "undici";

import type { Attempt } from "../domain/attempt.ts";
import type { Incident } from "../domain/incident.ts";
import { ACT_SLOTS } from "../domain/runbook.ts";
import { HOUR_MS, MINUTE_MS } from "../domain/time.ts";
import { openGround, type Ending, type GamedayOptions, type Ground } from "./ground.ts";
import type { History } from "./history.ts";
import { waitFor } from "./wait.ts";

/** How the release leaks. */
export const FAULTS = ["leaky"] as const;
export type Fault = (typeof FAULTS)[number];

export interface Observation extends Ending {
  readonly fault: Fault;
  /** When the daemon was begun: what it knows from before is recorded, and not seen. */
  readonly begunAt: number;
  /** When the memory in use had fallen behind the act, by the platform's own measure; null when it had not. */
  readonly fellAt: number | null;
}

/** Bytes a second: fast enough that nobody waits for long, and slow enough that it is replaced before it is killed. */
const RATE = 30_000_000;
const LIMIT = 500_000_000;
/** What is in use when the daemon starts, as it is recorded and as it really is. */
const NOW = 360_000_000;
/** Less than two hours are left, so nobody waits for a quiet time. */
const PER_HOUR = 84_000_000;

/**
 * Four hours of a process: half an hour is no evidence, three hours make a window, and three judgements in a row see it grow. The
 * fourth, which opens, is only made with the first look of this daemon.
 */
const GROWN: History = {
  perSecond: 15,
  memoryAt: (agoMs) => NOW - (PER_HOUR * agoMs) / HOUR_MS,
  memoryLimit: LIMIT,
  memoryForMs: 240 * MINUTE_MS,
  endsWithFloor: true,
};

const FULL_MS = 60_000;
const ACT_MS = 60_000;
const FALL_MS = 30_000;
/** So many further looks at the memory must go by without a second act. */
const LOOKS_AFTER = 3;

/** Lets the daemon find a leak that was recorded for hours and really goes on, and watches the process being replaced. */
export async function playLeak(fault: Fault, options: GamedayOptions): Promise<Observation> {
  const { onMoment } = options;
  let begunAt = 0;
  await using ground = await openGround({
    ...options,
    perSecond: GROWN.perSecond,
    history: GROWN,
    // On a connection that was kept a request may meet the old process just as it ends: the edge of the twin passes bytes on.
    areStrangers: true,
    twin: ["--behaviour", fault, "--rate", String(RATE), "--age", String(4 * HOUR_MS)],
    before: async (twin) => {
      onMoment("the API leaks; waiting until it has taken as much as in four hours");
      await waitFor("so much memory is in use", FULL_MS, async () =>
        (await memoryOf(twin.api)) >= NOW ? true : null,
      );
      begunAt = Date.now();
    },
  });
  onMoment("the daemon guards, with four hours of growth in its books");
  const act = await waitFor("the process is replaced, or a person has it", ACT_MS, async () =>
    replaced(ground),
  );
  onMoment(act === "person" ? "a person has it" : `${act.action} is ${act.state}`);
  const fellAt = act === "person" ? null : await untilFallen(ground, act);
  const incident = (await ground.incidents()).find(({ kind }) => kind === "memory-leak");
  if (incident !== undefined) await ground.untilTold(incident);
  return { fault, begunAt, fellAt, ...(await ground.close()) };
}

/** The act whose evidence is there. */
async function replaced(ground: Ground): Promise<Attempt | "person" | null> {
  const { incidents, attempts } = await ground.books();
  const act = attempts.find(({ slot, state }) => ACT_SLOTS.includes(slot) && state === "seen");
  return act ?? (incidents.some(isGivenUp) ? "person" : null);
}

function isGivenUp({ kind, state }: Incident): boolean {
  return kind === "memory-leak" && state === "escalated";
}

/** Less than two thirds of what was in use before: a new process, and no collection. */
async function untilFallen(ground: Ground, act: Attempt): Promise<number | null> {
  const since = act.startedAt ?? 0;
  return waitFor("memory fell and was looked at again", FALL_MS, async () => {
    const { samples } = await ground.books();
    const used = samples.filter(
      ({ target, name, value, ts }) =>
        target === "api" && name === "memory_used" && typeof value === "number" && ts >= since,
    );
    const fallen = used.findIndex(({ value }) => Number(value) < (NOW * 2) / 3);
    return fallen >= 0 && used.length - fallen > LOOKS_AFTER ? (used[fallen]?.ts ?? null) : null;
  }).catch(() => null);
}

/** What the process itself says that it has. */
async function memoryOf(api: string): Promise<number> {
  const answer = await request(`${api}/metrics`, { signal: AbortSignal.timeout(5_000) });
  return Number(/process_resident_memory_bytes (\d+)/.exec(await answer.body.text())?.[1] ?? 0);
}
