import type { Call } from "../domain/call.ts";
import { eventId } from "../domain/ids.ts";
import { MINUTE_MS, type Millis } from "../domain/time.ts";
import type { Calls } from "../ports/calls.ts";
import type { Clock } from "../ports/clock.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Haste } from "./haste.ts";

/** The calls, and where they come in. */
export interface CallBook extends Calls {
  /** Something called in. Never waits. */
  note(target: string, probe: string, failed: boolean): void;
}

/** A call that says nothing new is journalled so often only: after a restart any recent one will do. */
const WRITE_EVERY_MS: Millis = 10 * MINUTE_MS;

/** Keeps the last calls. What earlier processes wrote down is read from the world. */
export function createCallBook(parts: {
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly haste: Haste;
  readonly onError: (error: unknown) => void;
}): CallBook {
  const { dispatcher, clock, haste, onError } = parts;
  const heard = new Map<string, Call>();
  const written = (key: string): Call | null => dispatcher.world().marks.calls?.[key] ?? null;
  return {
    since: clock.now(),
    last: (target, probe) => heard.get(`${target}|${probe}`) ?? written(`${target}|${probe}`),
    note: (target, probe, failed) => {
      const key = `${target}|${probe}`;
      const at = clock.now();
      heard.set(key, { at, failed });
      haste.hurry(target);
      const last = written(key);
      const isNews = last === null || last.failed !== failed || at - last.at >= WRITE_EVERY_MS;
      if (!isNews) return;
      const id = eventId("call", key, at);
      void dispatcher
        .dispatch({ id, at, cause: null, type: "call", target, probe, failed })
        .catch(onError);
    },
  };
}
