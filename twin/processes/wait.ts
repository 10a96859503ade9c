import { setTimeout as pause } from "node:timers/promises";

const LOOK_EVERY_MS = 25;

/**
 * Looks again and again until the condition holds; a look that throws counts as "not yet". Throws after `deadlineMs`,
 * as soon as `ended` resolves (what we wait for can no longer come), or when `signal` aborts.
 */
export async function waitUntil(
  holds: () => Promise<boolean> | boolean,
  deadlineMs: number,
  ended?: Promise<unknown>,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  const end = { isOver: false };
  let last: unknown = new Error("The condition never held.");
  void ended?.then(() => (end.isOver = true));
  while (Date.now() < deadline && !end.isOver) {
    signal?.throwIfAborted();
    try {
      if (await holds()) return;
    } catch (error) {
      last = error;
    }
    await pause(LOOK_EVERY_MS);
  }
  throw new Error(end.isOver ? "It ended while we waited." : `Not within ${deadlineMs} ms.`, {
    cause: last,
  });
}
