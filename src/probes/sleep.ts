import { problem } from "../domain/problem.ts";
import type { Instant } from "../domain/time.ts";
import type { Probe } from "../ports/probe.ts";
import type { Poller } from "../railway/poll/sight.ts";

/** A probe that looks only while its target is awake: a look would wake it, which costs money and proves nothing. */
export function letSleep(
  probe: Probe,
  { service, poller }: { readonly service: string; readonly poller: Pick<Poller, "isAsleep"> },
  now: () => Instant = Date.now,
): Probe {
  const { target, name, kind } = probe;
  return {
    target,
    name,
    kind,
    close: () => probe.close(),
    async look(signal) {
      if (!(await poller.isAsleep(service, signal))) return probe.look(signal);
      const values = { up: null };
      return [
        { target, probe: name, ts: now(), tookMs: 0, values, problem: problem("target-asleep") },
      ];
    },
  };
}
