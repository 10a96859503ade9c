import type { Observation } from "../domain/observation.ts";
import { problem, type Problem } from "../domain/problem.ts";
import type { Millis } from "../domain/time.ts";
import type { Probe } from "../ports/probe.ts";
import type { Looked, Sight, Wish } from "../railway/poll/sight.ts";
import type { Setting } from "./definition.ts";

/** What a probe makes of one sight, beside where and when. */
export type Watched = Pick<Observation, "values" | "deployment" | "problem" | "errors">;

export interface Watching {
  readonly setting: Setting<{ readonly every: Millis; readonly timeout: Millis }>;
  readonly kind: string;
  readonly wishes: readonly Wish[];
  /** Hears of every sight once, in order. */
  readonly see: (sight: Sight) => Watched;
  /** What is `null` while nothing can be seen. */
  readonly blind: () => Observation["values"];
}

/**
 * A probe that reads the platform's shared poll. A look whose answer was read before observes nothing: no values, which is neither health nor blindness. Trouble of the platform's API is `null` with a problem.
 */
export function watching({ setting, kind, wishes, see, blind }: Watching): Probe {
  const { target, name, config, platform } = setting;
  const now = setting.now ?? Date.now;
  let read = 0;
  platform?.poller.join(platform.service, wishes, config.every);

  const make = (looked: Looked): Watched => {
    if (looked.kind === "ended") return { values: {} };
    const number = looked.kind === "seen" ? looked.sight.number : looked.number;
    if (number === read)
      return { values: {}, ...(looked.slow === null ? {} : { problem: looked.slow }) };
    read = number;
    return looked.kind === "seen"
      ? see(looked.sight)
      : { values: blind(), problem: looked.problem };
  };

  const find = async (signal: AbortSignal): Promise<Watched> => {
    if (platform === undefined) return { values: blind(), problem: NOBODY_TO_ASK };
    const late = AbortSignal.timeout(config.timeout);
    const either = AbortSignal.any([signal, late]);
    const looked = await platform.poller.look(platform.service, either, read);
    if (looked.kind === "ended" && !signal.aborted)
      return { values: blind(), problem: lateBy(config.timeout) };
    return signal.aborted ? { values: {} } : make(looked);
  };

  return {
    target,
    name,
    kind,
    close: () => Promise.resolve(),
    async look(signal) {
      const begun = performance.now();
      const watched = await find(signal);
      const tookMs = Math.round(performance.now() - begun);
      return [{ target, probe: name, ts: now(), tookMs, ...watched }];
    },
  };
}

const NOBODY_TO_ASK = problem(
  "not-configured",
  "the target has no Railway service, or there is no token, project and environment to ask with",
);

function lateBy(timeoutMs: Millis): Problem {
  return problem("railway-unreachable", `no answer within ${timeoutMs} ms`);
}
