import { IN_FLIGHT, UNSTARTED, type Attempt } from "../domain/attempt.ts";
import type { Event } from "../domain/event.ts";
import { eventId, type AttemptId } from "../domain/ids.ts";
import { problem, type Problem } from "../domain/problem.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { Action, Answer, Preparation, Sighting } from "../ports/action.ts";
import type { SteadyClock } from "../ports/clock.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { loop, withDeadline, type Bell } from "./loop.ts";

export interface ExecutorParts {
  readonly dispatcher: Dispatcher;
  readonly actions: { readonly [kind: string]: Action };
  /** While the daemon is going, only switches are still ended. */
  readonly isDraining: () => boolean;
  /** Journals a pause that has just been ordered; called right before each start. False: it could not. */
  readonly noticePause: () => Promise<boolean>;
  readonly clock: SteadyClock;
  readonly bell: Bell;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
  readonly onTurn?: () => void;
}

const RUNNING_MAX = 8;
const IDLE_MS: Millis = 500;
/** A held attempt is asked about again so often; one whose question costs platform requests more rarely. */
const HELD_AGAIN_MS: Millis = 1_000;
const HELD_AGAIN_COSTLY_MS: Millis = 10_000;
const WAITING_AGAIN_MS: Millis = 60_000;
const PREPARE_MS: Millis = 15_000;
/** Often at first, because most evidence comes at once; then rarely, because each look costs platform requests. */
const SIGHT_EVERY_MS: Millis = 500;
const SIGHT_EVERY_MS_MAX: Millis = 5_000;
const SIGHT_MS: Millis = 10_000;

type OutcomeState = Extract<Event, { type: "outcome" }>["state"];

/**
 * Turns waiting attempts into outcomes. Every move of the ledger is an event that is committed before anything
 * follows from it: `started` before the call, the answer after it, the evidence last. After a crash the loop
 * finds `started` attempts and goes on from evidence, never from hope.
 */
export async function runExecutor(parts: ExecutorParts): Promise<void> {
  const running = new Map<AttemptId, Promise<void>>();
  const askAgain = new Map<
    AttemptId,
    { readonly at: Instant; readonly approvedBy: string | null }
  >();
  await loop(parts, async () => {
    const now = parts.clock.now();
    const { attempts } = parts.dispatcher.world();
    for (const attempt of Object.values(attempts)) {
      if (running.size >= RUNNING_MAX) break;
      if (running.has(attempt.id) || !isWaiting(parts, attempt)) continue;
      const approvedBy = attempt.approval?.order ?? null;
      const again = askAgain.get(attempt.id);
      const at = again?.approvedBy === approvedBy ? again.at : 0;
      // Further away than any pause means that the clock was set back.
      if (at > now && at <= now + WAITING_AGAIN_MS) continue;
      askAgain.set(attempt.id, { at: now + pauseAfter(parts, attempt), approvedBy });
      const run = carryOut(parts, attempt)
        .catch((error: unknown) => {
          // What a stop cuts off is no bug: the next life goes on from the books.
          if (!parts.signal.aborted) parts.onError(error);
        })
        .finally(() => {
          running.delete(attempt.id);
          parts.bell.ring();
        });
      running.set(attempt.id, run);
    }
    for (const id of askAgain.keys()) if (attempts[id] === undefined) askAgain.delete(id);
    return now + IDLE_MS;
  });
  await Promise.all(running.values());
}

function isWaiting(parts: ExecutorParts, attempt: Attempt): boolean {
  if (IN_FLIGHT.includes(attempt.state)) return true;
  if (!UNSTARTED.includes(attempt.state)) return false;
  if (parts.isDraining() && attempt.slot !== "undo") return false;
  // The pause is over when the journal says so; until then the question costs nothing and is not asked.
  const pause = parts.dispatcher.world().marks.pause ?? null;
  return !(attempt.problem?.code === "paused" && pause !== null);
}

function pauseAfter(parts: ExecutorParts, attempt: Attempt): Millis {
  const isApproved = attempt.state === "awaiting-approval" && (attempt.approval ?? null) !== null;
  if (attempt.state === "planned" || isApproved) return HELD_AGAIN_MS;
  // A person may take half an hour; each preparation asks the platform, whose hour is bounded.
  if (attempt.state === "awaiting-approval") return WAITING_AGAIN_MS;
  const isCostly = parts.actions[attempt.action]?.traits.effect === "destructive";
  return isCostly && attempt.problem?.code !== "paused" ? HELD_AGAIN_COSTLY_MS : HELD_AGAIN_MS;
}

async function carryOut(parts: ExecutorParts, attempt: Attempt): Promise<void> {
  const action = parts.actions[attempt.action];
  if (action === undefined) throw new Error(`no action "${attempt.action}"`);
  const isCrashed = IN_FLIGHT.includes(attempt.state);
  const cut = problem("crashed-before-answer");
  // What was accepted is only ever read back, whatever a second call would do.
  if (isCrashed && (action.traits.repeat === "check-first" || attempt.state === "accepted")) {
    return settle(parts, action, attempt, cut, goOnUntil(parts, attempt));
  }
  const started = await request(parts, action, attempt);
  if (started === null) {
    // No other try is wanted or allowed (paused, recovered, the incident went on): evidence decides.
    if (isCrashed && action.traits.effect !== "look")
      return settle(parts, action, attempt, cut, goOnUntil(parts, attempt));
    return;
  }
  const settlesBy = parts.clock.elapsed() + settleMsOf(started);
  const answer = await perform(parts, action, started);
  // Stopped in the middle of the call: the next life settles it by evidence.
  if (parts.signal.aborted && answer.kind === "unclear") return;
  switch (answer.kind) {
    case "done":
      return report(parts, started, "seen", answer.evidence, null);
    case "rejected":
      // The refusal of a second try does not speak for the first, whose answer never came: evidence does.
      if (started.tries > 1 && action.traits.effect !== "look")
        return settle(parts, action, started, answer.problem, settlesBy);
      return report(parts, started, "rejected", {}, answer.problem);
    case "unclear":
      return settle(parts, action, started, answer.problem, settlesBy);
    case "accepted": {
      await report(parts, started, "accepted", answer.evidence, null);
      return settle(parts, action, started, null, settlesBy);
    }
  }
}

/** So long a call and its evidence may take, as the core wrote it down with the start. */
function settleMsOf({ startedAt, settlesAt }: Attempt): Millis {
  return Math.max(0, (settlesAt ?? 0) - (startedAt ?? 0));
}

/** When the evidence of what an earlier life began has had its time, by the steady clock: only the machine's clock outlives a process. */
function goOnUntil({ clock }: ExecutorParts, attempt: Attempt): Millis {
  const leftMs = (attempt.settlesAt ?? 0) - clock.now();
  return clock.elapsed() + Math.min(Math.max(leftMs, 0), settleMsOf(attempt));
}

/** Asks the core whether the attempt may start, with fresh facts; the committed row, or null when it may not. */
async function request(
  parts: ExecutorParts,
  action: Action,
  attempt: Attempt,
): Promise<Attempt | null> {
  const { dispatcher, clock, signal } = parts;
  if (action.traits.effect !== "look" && !(await parts.noticePause())) return null;
  const preparation: Preparation = await action.prepare(attempt, withDeadline(signal, PREPARE_MS));
  if (signal.aborted) return null;
  // The daemon began to go while this was prepared: nobody would verify it or take it back.
  if (parts.isDraining() && attempt.slot !== "undo") return null;
  // Approved while this was prepared: what a person said yes to is looked at anew.
  const approvedBy = dispatcher.world().attempts[attempt.id]?.approval?.order;
  if (approvedBy !== undefined && approvedBy !== attempt.approval?.order) return null;
  // A pause that could not be journalled is a pause all the same.
  if (action.traits.effect !== "look" && !(await parts.noticePause())) return null;
  const at = clock.now();
  const tries = attempt.tries;
  const dispatched = await dispatcher.dispatch(
    {
      id: eventId("request", attempt.id, at),
      at,
      cause: attempt.id,
      type: "request",
      attempt: attempt.id,
      plan: preparation.plan,
    },
    preparation.platform === undefined ? {} : { platform: preparation.platform },
  );
  if (dispatched !== "written") return null;
  const now = dispatcher.world().attempts[attempt.id];
  // Exactly the start that this request committed, and no other.
  return now?.state === "started" && now.tries === tries + 1 ? now : null;
}

/** The call under its deadline. A throw is a bug whose effect nobody knows, so it is unclear too. */
async function perform(parts: ExecutorParts, action: Action, attempt: Attempt): Promise<Answer> {
  try {
    return await action.perform(attempt, withDeadline(parts.signal, action.traits.deadlineMs));
  } catch (error) {
    if (!parts.signal.aborted) parts.onError(error);
    return {
      kind: "unclear",
      problem: problem("probe-failed", error instanceof Error ? error.message : String(error)),
    };
  }
}

/**
 * Looks for evidence until it is there or the settle time is over. "It did not happen" needs a look made after
 * the settle time, at a platform that shows everything, for a call that was never confirmed. The time is that of the steady clock:
 * one that is set forward would call off what is still on its way.
 */
async function settle(
  parts: ExecutorParts,
  action: Action,
  attempt: Attempt,
  doubt: Problem | null,
  settlesBy: Millis,
): Promise<void> {
  const { clock, signal } = parts;
  for (let waitMs = SIGHT_EVERY_MS; ; waitMs = Math.min(waitMs * 1.5, SIGHT_EVERY_MS_MAX)) {
    const begun = clock.elapsed();
    const sighting = await sight(parts, action, attempt);
    if (signal.aborted) return;
    if (sighting.kind === "seen") return report(parts, attempt, "seen", sighting.evidence, null);
    if (sighting.kind === "failed") {
      return report(parts, attempt, "not-seen", {}, sighting.problem);
    }
    if (begun >= settlesBy) return conclude(parts, attempt, sighting, doubt);
    const nextMs = Math.min(begun + waitMs, settlesBy) - clock.elapsed();
    try {
      await clock.until(clock.now() + Math.max(0, nextMs), signal);
    } catch {
      return;
    }
  }
}

async function conclude(
  parts: ExecutorParts,
  attempt: Attempt,
  sighting: Extract<Sighting, { kind: "nothing" | "withheld" }>,
  doubt: Problem | null,
): Promise<void> {
  if (sighting.kind === "withheld") return report(parts, attempt, "unknown", {}, sighting.problem);
  const isConfirmed = parts.dispatcher.world().attempts[attempt.id]?.state === "accepted";
  if (isConfirmed)
    return report(parts, attempt, "unknown", sighting.evidence, problem("no-evidence"));
  return report(parts, attempt, "not-seen", sighting.evidence, doubt ?? problem("no-evidence"));
}

async function sight(parts: ExecutorParts, action: Action, attempt: Attempt): Promise<Sighting> {
  // What the call answered may name what to look for, and was written down after the start.
  const row = parts.dispatcher.world().attempts[attempt.id] ?? attempt;
  try {
    return await action.sight(row, withDeadline(parts.signal, SIGHT_MS));
  } catch (error) {
    if (!parts.signal.aborted) parts.onError(error);
    return {
      kind: "withheld",
      problem: problem("evidence-withheld", error instanceof Error ? error.message : String(error)),
    };
  }
}

/** Hands an outcome to the core. If it cannot be stored, the attempt stays in flight and is settled again. */
async function report(
  parts: ExecutorParts,
  attempt: Attempt,
  state: OutcomeState,
  evidence: Attempt["evidence"],
  trouble: Problem | null,
): Promise<void> {
  const at = parts.clock.now();
  await parts.dispatcher.dispatch({
    id: eventId("outcome", attempt.id, state, attempt.tries),
    at,
    cause: attempt.id,
    type: "outcome",
    attempt: attempt.id,
    state,
    evidence,
    problem: trouble,
  });
}
