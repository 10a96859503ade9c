import { eventId } from "../domain/ids.ts";
import type { Pause } from "../domain/event.ts";
import type { Order } from "../domain/order.ts";
import type { Instant } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { loop, type Bell } from "./loop.ts";

export interface TimekeeperParts {
  readonly dispatcher: Dispatcher;
  readonly pauseSource: { read(): Pause | null };
  readonly orderSource: { read(): readonly Order[]; remove(order: Order): void };
  readonly clock: Clock;
  readonly bell: Bell;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
  readonly onTurn?: () => void;
}

/** How soon a pause is noticed at the latest. Each start of an act reads it again by itself. */
const PAUSE_EVERY_MS = 400;
/** A timer that could not be committed is tried again after this. */
const AGAIN_MS = 1_000;

/** Fires the timers that are due, in (due, id) order, and notices a pause. */
export async function runTimekeeper(parts: TimekeeperParts): Promise<void> {
  await loop(parts, async () => {
    await noticePause(parts);
    await takeOrders(parts);
    return fireDue(parts);
  });
}

/** Reads the pause and journals a change of it. Called before every start of an act as well; false when it could not. */
export async function noticePause(
  parts: Pick<TimekeeperParts, "dispatcher" | "pauseSource" | "clock">,
): Promise<boolean> {
  const { dispatcher, pauseSource, clock } = parts;
  const before = dispatcher.world().marks.pause ?? null;
  const pause = pauseSource.read();
  if (JSON.stringify(before) === JSON.stringify(pause)) return true;
  const at = clock.now();
  const dispatched = await dispatcher.dispatch({
    id: eventId("pause", at),
    at,
    cause: null,
    type: "pause",
    pause,
  });
  // A second reader may have journalled it meanwhile: then this one means nothing.
  return dispatched === "written" || dispatched === "nothing";
}

/** Journals what people ordered, each order once; one that could not be written stays and is taken later. */
async function takeOrders({ dispatcher, orderSource, clock }: TimekeeperParts): Promise<void> {
  for (const order of orderSource.read()) {
    const dispatched = await dispatcher.dispatch({
      id: eventId("order", order.id),
      at: clock.now(),
      cause: null,
      type: "order",
      order,
    });
    if (dispatched === "failed") return;
    orderSource.remove(order);
  }
}

async function fireDue(parts: TimekeeperParts): Promise<Instant> {
  const { dispatcher, clock } = parts;
  let now = clock.now();
  const timers = Object.values(dispatcher.world().timers).sort(
    (a, b) => a.due - b.due || (a.id < b.id ? -1 : 1),
  );
  for (const timer of timers) {
    // Each at its own moment: committing the one before has taken time, in which others may have decided.
    now = clock.now();
    if (timer.due > now) break;
    const fired = await dispatcher.dispatch({
      id: eventId("timer", timer.id, timer.generation),
      at: now,
      cause: timer.id,
      type: "timer",
      timer: timer.id,
      generation: timer.generation,
    });
    if (fired !== "written") return now + AGAIN_MS;
  }
  const next = Math.min(...Object.values(dispatcher.world().timers).map((timer) => timer.due));
  return Math.max(now, Math.min(next, now + PAUSE_EVERY_MS));
}
