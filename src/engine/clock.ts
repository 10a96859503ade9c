import { setTimeout as sleep } from "node:timers/promises";

import type { Clock } from "../ports/clock.ts";

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  until: async (due, signal) => {
    await sleep(Math.max(0, due - Date.now()), undefined, { signal });
  },
};
