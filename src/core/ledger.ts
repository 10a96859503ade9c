import { LEDGER, UNSTARTED, type Attempt, type AttemptState } from "../domain/attempt.ts";
import { leaseId, timerId } from "../domain/ids.ts";
import { textOf, type JsonObject } from "../domain/json.ts";
import type { Lease } from "../domain/lease.ts";
import type { Instant } from "../domain/time.ts";
import type { Problem } from "../domain/problem.ts";
import type { Draft } from "./draft.ts";

const ENDED: readonly AttemptState[] = [
  "effective",
  "ineffective",
  "unknown",
  "rejected",
  "not-seen",
  "shadowed",
  "withdrawn",
  "expired",
];

/** Moves an attempt along the ledger; a move the ledger does not know is a programmer error. */
export function move(
  draft: Draft,
  attempt: Attempt,
  state: AttemptState,
  more: Partial<
    Pick<
      Attempt,
      "problem" | "evidence" | "plan" | "heldUntil" | "startedAt" | "settlesAt" | "tries"
    >
  > = {},
): Attempt {
  if (!LEDGER[attempt.state].includes(state)) {
    throw new Error(`attempt ${attempt.id} cannot go from ${attempt.state} to ${state}`);
  }
  const isEnded = ENDED.includes(state) || (state === "seen" && !isJudgedLater(draft, attempt));
  const next: Attempt = {
    ...attempt,
    ...more,
    state,
    endedAt: isEnded ? draft.event.at : null,
  };
  draft.putAttempt(next);
  if (!UNSTARTED.includes(state)) draft.dropTimer(timerId(attempt.id, "expiry"));
  return next;
}

/** Only what should cure is judged by its effect; looks and switches end with being seen. */
function isJudgedLater(draft: Draft, attempt: Attempt): boolean {
  return draft.rules.actions[attempt.action]?.effect === "destructive";
}

/** What a switch's attempt adds to its plan at the start, and how the lease stands from then on. */
export function startLease(draft: Draft, attempt: Attempt): JsonObject {
  const name = textOf(attempt.params["switch"]);
  const rules = draft.rules.switches[name];
  if (rules === undefined) throw new Error(`no switch "${name}" in the configuration`);
  const { at } = draft.event;
  const owner = attempt.incident ?? "orphan";
  const known = leaseOf(draft, attempt);
  const isOff = attempt.params["value"] === "off";
  const seq = nextSeq(draft, name);
  // The journal's clock as sequence: still growing when the books were lost.
  draft.putMarks({ switchSeq: { ...draft.world().marks.switchSeq, [name]: seq } });
  const until = at + rules.leaseMs;
  const message = textOf(attempt.params["message"], known?.message);
  const lease: Lease = {
    id: known?.id ?? leaseId(owner, name),
    switch: name,
    incident: attempt.incident ?? ("orphan" as Lease["incident"]),
    state: isOff ? "ending" : known?.state === "active" ? "active" : "asked",
    message,
    // The app may have heard of either end, so the later one counts.
    until: isOff ? (known?.until ?? at) : Math.max(until, known?.until ?? 0),
    seq,
    scope: rules.targets,
  };
  draft.putLease(lease);
  setLeaseTimer(draft, lease, isOff ? Math.max(lease.until, at) : at + rules.renewMs);
  return { switch: name, value: !isOff, until, leaseId: lease.id, seq, message };
}

/** How an attempt's outcome changes its lease. */
export function settleLease(draft: Draft, attempt: Attempt, problem: Problem | null): void {
  const lease = leaseOf(draft, attempt);
  if (lease === undefined || lease.state === "ended") return;
  const isOff = attempt.params["value"] === "off";
  if (isOff) {
    if (attempt.state === "seen") endLease(draft, lease);
    return;
  }
  if (attempt.state === "seen") {
    if (lease.state === "asked") draft.putLease({ ...lease, state: "active" });
  } else if (attempt.state === "rejected" && attempt.slot === "contain" && problem !== null) {
    // The app said no: it is not on.
    endLease(draft, lease);
  }
}

export function endLease(draft: Draft, lease: Lease): void {
  draft.putLease({ ...lease, state: "ended" });
  draft.dropTimer(timerId(lease.id, "lease"));
}

/** When the lease wants attention again: its next renewal, or its end. */
export function setLeaseTimer(draft: Draft, lease: Lease, due: Instant): void {
  draft.putTimer({
    id: timerId(lease.id, "lease"),
    due,
    generation: draft.nextGeneration(),
    purpose: { of: "lease", lease: lease.id },
  });
}

function leaseOf(draft: Draft, attempt: Attempt): Lease | undefined {
  const name = textOf(attempt.params["switch"]);
  const named = attempt.params["leaseId"];
  const leases = draft.world().leases;
  if (typeof named === "string") return leases[named];
  return leases[leaseId(attempt.incident ?? "orphan", name)];
}

function nextSeq(draft: Draft, name: string): number {
  return Math.max((draft.world().marks.switchSeq?.[name] ?? 0) + 1, draft.event.at);
}
