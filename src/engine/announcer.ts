import { headText } from "../domain/chain.ts";
import type { Delivery, Notice, NoticeKind } from "../domain/notice.ts";
import type { Problem } from "../domain/problem.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Notifier } from "../ports/notifier.ts";
import type { Store } from "../ports/store.ts";
import { loop, withDeadline, type Bell } from "./loop.ts";

export interface AnnouncerParts {
  readonly store: Store;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly bell: Bell;
  readonly signal: AbortSignal;
  readonly onSent: (delivery: Delivery, problem: Problem | null) => void;
  readonly onError: (error: unknown) => void;
}

const SEND_MS: Millis = 10_000;
const BACKOFF_MS: Millis = 1_000;
const BACKOFF_MS_MAX: Millis = 60_000;
const SILENCE_MS_MAX: Millis = 5 * 60_000;
const IDLE_MS: Millis = 5_000;
const BATCH = 100;
/** With so many of one incident waiting, only the newest is worth reading. */
const COALESCE_FROM = 4;

/**
 * Delivers notices in their order, one at a time. `sending` is written before a try, so that after a crash the
 * next try can say that it may be a repeat.
 */
export async function runAnnouncer(parts: AnnouncerParts): Promise<void> {
  let failures = 0;
  let notBefore: Instant = 0;
  await loop(parts, async () => {
    const now = parts.clock.now();
    // Slack's word is obeyed, but never for longer than this: a header or a clock may be wrong.
    notBefore = Math.min(notBefore, now + SILENCE_MS_MAX);
    if (now < notBefore) return notBefore;
    const waiting = await parts.store.undelivered(BATCH, parts.signal);
    const first = waiting[0];
    if (first === undefined) return now + IDLE_MS;
    const plan = chooseNext(waiting);
    for (const left of plan.leftOut) {
      await parts.store.mark(left.notice.id, "coalesced", left.tries, parts.signal);
    }
    const problem = await deliver(parts, plan.next, plan.leftOut.length);
    failures = problem === null ? 0 : failures + 1;
    notBefore =
      problem === null
        ? 0
        : (problem.retryAt ??
          parts.clock.now() + Math.min(BACKOFF_MS * 2 ** (failures - 1), BACKOFF_MS_MAX));
    return notBefore;
  });
}

/**
 * The next notice and those it makes superfluous: when many of one incident wait, only its last state is told.
 * One that may have arrived already is never left out, because its repeat must be marked.
 */
export function chooseNext(waiting: readonly Delivery[]): {
  readonly next: Delivery;
  readonly leftOut: readonly Delivery[];
} {
  const [first] = waiting;
  if (first === undefined) throw new Error("nothing is waiting");
  // A pause, a blindness and their ends are different stories: none stands for another.
  if (first.notice.incident === null) return { next: first, leftOut: [] };
  const same = waiting.filter((delivery) => delivery.notice.incident === first.notice.incident);
  const last = same.at(-1);
  if (first.state === "sending" || last === undefined || same.length < COALESCE_FROM) {
    return { next: first, leftOut: [] };
  }
  return {
    next: last,
    leftOut: same.slice(0, -1).filter((delivery) => delivery.state === "pending"),
  };
}

/** One try. `null` when nothing more is to be done for it. */
async function deliver(
  parts: AnnouncerParts,
  delivery: Delivery,
  skipped: number,
): Promise<Problem | null> {
  const { store, notifier, signal } = parts;
  const { notice } = delivery;
  const tries = delivery.tries + 1;
  const marked = await store.mark(notice.id, "sending", tries, signal);
  if (marked.kind === "failed") return marked.problem;
  const sending = await notifier.send(await withHead(notice, store, signal), {
    repeat: delivery.state === "sending",
    skipped,
    signal: withDeadline(signal, SEND_MS),
  });
  switch (sending.kind) {
    case "delivered":
      await store.mark(notice.id, "delivered", tries, signal);
      parts.onSent({ ...delivery, state: "delivered", tries }, null);
      return null;
    case "refused":
      await store.mark(notice.id, "refused", tries, signal);
      parts.onSent({ ...delivery, state: "refused", tries }, sending.problem);
      return null;
    case "retry":
      // Certain not to have arrived: the next try is no repeat, unless a try before this one may have arrived.
      if (sending.certain && delivery.state !== "sending")
        await store.mark(notice.id, "pending", tries, signal);
      parts.onSent({ ...delivery, state: "pending", tries }, sending.problem);
      return sending.problem;
  }
}

/** The last words on an incident. */
const ENDS: readonly NoticeKind[] = ["resolved", "false-alarm", "attached"];

/**
 * At its end an incident carries the head of the journal out of the house, small and last: `verify --head` finds it there, or finds
 * that the journal was changed. It is added on the way, since it can only be known after the notice is in the journal.
 */
async function withHead(notice: Notice, store: Store, signal: AbortSignal): Promise<Notice> {
  if (!ENDS.includes(notice.kind)) return notice;
  const head = await store.head(signal);
  return head === null
    ? notice
    : { ...notice, lines: [...notice.lines, `journal ${headText(head)}`] };
}
