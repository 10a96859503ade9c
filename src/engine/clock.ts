import { setTimeout as sleep } from "node:timers/promises";

import type { SteadyClock } from "../ports/clock.ts";

/** The machine's own clock. */
export const systemClock: SteadyClock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  until: async (due, signal) => {
    await sleep(Math.max(0, due - Date.now()), undefined, { signal });
  },
};
