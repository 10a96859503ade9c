import type { Instant } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";
import { createBell, type Bell } from "./loop.ts";

/** Lets whoever heard something from outside ask for a look before its turn. */
export interface Haste {
  /** Everything that looks at this target looks as soon as it may. Costs nothing and may be called in a storm. */
  hurry(target: string): void;
  /** How often it was hurried: what a sleeper compares with, so that no hurry is lost while it looks. */
  times(target: string): number;
  /** Until `due`, or `soonest` when the target is hurried or was since `times`. Ends with the signal; never rejects. */
  sleep(nap: Nap, signal: AbortSignal): Promise<void>;
}

export interface Nap {
  readonly target: string;
  readonly times: number;
  readonly soonest: Instant;
  readonly due: Instant;
}

export function createHaste(clock: Clock): Haste {
  const counts = new Map<string, number>();
  const bells = new Map<string, Bell>();
  const times = (target: string): number => counts.get(target) ?? 0;
  const bellOf = (target: string): Bell => {
    const bell = bells.get(target) ?? createBell(clock);
    bells.set(target, bell);
    return bell;
  };
  return {
    times,
    hurry: (target) => {
      counts.set(target, times(target) + 1);
      bells.get(target)?.ring();
    },
    sleep: async (nap, signal) => {
      const isHurried = (): boolean => times(nap.target) !== nap.times;
      if (!isHurried()) await bellOf(nap.target).wait(nap.due, signal);
      if (!isHurried()) return;
      try {
        await clock.until(Math.min(nap.soonest, nap.due), signal);
      } catch {
        // Stopped: the sleeper sees it by itself.
      }
    },
  };
}
