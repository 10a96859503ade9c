import type { TargetRules } from "../domain/rules.ts";
import type { Runbook } from "../domain/runbook.ts";
import { signalKey } from "../domain/sample.ts";
import { SECOND_MS, type Millis } from "../domain/time.ts";
import type { Registered } from "../probes/definition.ts";
import { probes } from "../probes/index.ts";
import type { ProbeConfig, TargetConfig } from "./config.ts";
import type { Limits } from "./limits.ts";
import { detectorsOf, openingsOf } from "./possible-acts.ts";
import { saysUp } from "./probes.ts";

/**
 * What a target's rhythm means for how its acts are verified: which keys the signals of the runbooks are, and how long it takes at
 * least, where a runbook gives less. A time that a person has set is left as it is, and warned of.
 */
export function verificationOf(
  target: TargetConfig,
  runbooks: readonly Runbook[],
  written: { readonly [machine: string]: Limits },
): Pick<TargetRules, "watched" | "asking" | "verifyMs"> {
  const named = new Set(runbooks.flatMap(({ verify = {} }) => Object.keys(verify)));
  const watched = [...named].flatMap((name) => {
    const keys = watching(target, name).map((probe) => keyOf(target, probe, name));
    return keys.length === 0 ? [] : [[name, keys] as const];
  });
  const asking = target.probes
    .filter(({ kind }) => kind === "http")
    .map((probe) => keyOf(target, probe, "up"));
  const longer = runbooks.flatMap((runbook) => {
    const { machine, limits } = runbook;
    const isWritten = written[machine]?.["verifyMs"] !== undefined;
    const needed = neededMs(target, runbook);
    return isWritten || needed <= (limits["verifyMs"] ?? Infinity)
      ? []
      : [[machine, needed] as const];
  });
  return {
    ...(watched.length === 0 ? {} : { watched: Object.fromEntries(watched) }),
    ...(asking.length === 0 ? {} : { asking }),
    ...(longer.length === 0 ? {} : { verifyMs: Object.fromEntries(longer) }),
  };
}

/** Which probes of a target judge a signal of this name. */
export function watching(target: TargetConfig, name: string): readonly ProbeConfig[] {
  return target.probes.filter((probe) => {
    // What calls in says how it was, not how it is.
    const { listens }: Registered = probes[probe.kind];
    return name === "up"
      ? saysUp(probe, target.probes) && listens !== true
      : detectorsOf(probe, target).some((detector) => detector.name === name);
  });
}

/** How long the looks that a runbook wants take on a target, by the slowest of them. */
export function neededMs(target: TargetConfig, { machine, limits, verify = {} }: Runbook): Millis {
  const { samplesMin = 1 } = limits;
  const own = openingsOf(target)
    .filter(({ kind }) => kind === machine)
    .map(({ probe, provenWithin, calmMs }) => calmMs + provenWithin(samplesMin) + slackOf(probe));
  // What cannot open here needs no time.
  if (own.length === 0) return 0;
  return Math.max(...own, ...Object.entries(verify).map(beside(target)));
}

const beside =
  (target: TargetConfig) =>
  ([name, looks]: readonly [string, number]): Millis =>
    Math.max(0, ...watching(target, name).map((probe) => looks * probe.everyMs + slackOf(probe)));

/** The first look may come a whole interval after the act was seen, and takes its own time and its way to us. */
function slackOf({ everyMs, timeoutMs }: ProbeConfig): Millis {
  return everyMs + timeoutMs + WAY_MS;
}

const WAY_MS: Millis = 2 * SECOND_MS;

function keyOf({ name: target }: TargetConfig, { name: probe }: ProbeConfig, name: string): string {
  return signalKey({ target, probe, name });
}
