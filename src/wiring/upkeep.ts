import type { Driver } from "../actions/switch/driver.ts";
import type { Config } from "../config/config.ts";
import { problem, type Problem } from "../domain/problem.ts";
import type { Rules } from "../domain/rules.ts";
import type { Entry, World } from "../domain/world.ts";
import type { AppParts } from "./parts.ts";
import { type LeaseId, eventId } from "../domain/ids.ts";
import type { Dispatcher } from "../engine/dispatcher.ts";
import { withDeadline } from "../engine/loop.ts";
import type { Clock } from "../ports/clock.ts";
import type { Railway } from "../railway/railway.ts";

const END_LEASES_MS = 2_500;
const SWEEP_EVERY_MS = 30_000;
const SWEEP_MS = 5_000;

/**
 * At Railway books that are not on a volume, or that nothing stands in yet, know nothing of what was done before. Elsewhere empty books
 * are those of a first start (decision 0032).
 */
export function doubtAbout(
  { isOnRailway, booksDoubt }: Config,
  world: World,
): { readonly doubt?: Problem } {
  if (booksDoubt !== null) return { doubt: booksDoubt };
  const isEmpty = isOnRailway && world.seq === 0;
  return isEmpty ? { doubt: problem("books-empty") } : {};
}

/** A daemon that goes leaves no switch behind: nobody would renew it. What does not end in time ends by itself. */
export async function endLeases(
  clock: Clock,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<void> {
  // What has no end of its own is left to the next life: nobody ends it here, so nothing is waited for.
  const isOn = (): boolean =>
    Object.values(dispatcher.world().leases).some(
      ({ state, held }) => state !== "ended" && held === undefined,
    );
  if (!isOn()) return;
  const at = clock.now();
  await dispatcher.dispatch({
    id: eventId("stop", at, process.pid),
    at,
    cause: null,
    type: "stop",
  });
  while (isOn() && clock.now() < at + END_LEASES_MS) await clock.until(clock.now() + 20, signal);
}

/**
 * Switches of ours that are on at the app and that no open incident holds are switched off; read until each was read as off, every way.
 * So it is after the start, after every rollback and whatever else gives an app a new process (an older release may know of an older
 * order), and after every lease that is only over by the books.
 */
export async function sweepOrphans(
  parts: AppParts,
  dispatcher: Dispatcher,
  drivers: { readonly [name: string]: readonly Driver[] },
  signal: AbortSignal,
): Promise<void> {
  const all = Object.entries(drivers).flatMap(([name, ways]) =>
    ways.map((driver) => ({ name, driver })),
  );
  if (all.length === 0) return;
  let isAsked = true;
  dispatcher.onCommit((entry) => {
    isAsked ||= mayLeaveOn(entry, parts.config.rules);
  });
  for (let left = all; ;) {
    if (isAsked) left = all;
    isAsked = false;
    const unsure: typeof all = [];
    for (const way of left) {
      const read = await way.driver.read(way.name, withDeadline(signal, SWEEP_MS));
      if (signal.aborted) return;
      if (read.kind === "read" && read.state?.value !== true) continue;
      unsure.push(way);
      if (read.kind !== "read" || read.state === null) continue;
      const at = parts.clock.now();
      await dispatcher.dispatch({
        id: eventId("orphan", way.name, way.driver.kind, read.state.seq, at),
        at,
        cause: null,
        type: "orphan",
        lease: read.state.leaseId as LeaseId,
        switch: way.name,
        seq: read.state.seq,
        until: read.state.until,
      });
    }
    left = unsure;
    try {
      await parts.clock.until(parts.clock.now() + SWEEP_EVERY_MS, signal);
    } catch {
      return;
    }
  }
}

/** Whether after this the app may show a switch otherwise than the books do. */
function mayLeaveOn({ event, decision }: Entry, rules: Rules): boolean {
  return decision.changes.some((change) => {
    if (change.table === "leases")
      return (
        change.row.state === "ended" && change.row.held === undefined && event.type === "timer"
      );
    if (change.table !== "attempts" || change.row.state !== "seen") return false;
    const traits = rules.actions[change.row.action];
    return traits?.releases === true || traits?.endsProcess === true;
  });
}

/** Says in the log who the token is. Acting does not depend on it: each act reads with the token first. */
export async function identify(
  parts: AppParts,
  railway: Railway | null,
  signal: AbortSignal,
): Promise<void> {
  if (railway === null) {
    parts.log.warn(
      "no Railway token, project or environment: I watch and tell, and cannot act on the platform",
    );
    return;
  }
  const identity = await railway.identify({
    signal: withDeadline(signal, SWEEP_MS),
    purpose: "look",
  });
  if (signal.aborted) return;
  if (identity.ok)
    parts.log.info(
      { identity: identity.value.label, kind: identity.value.kind },
      "Railway knows the token",
    );
  else
    parts.log.error(
      { code: identity.problem.code, detail: identity.problem.detail },
      "Railway does not confirm the token",
    );
}
