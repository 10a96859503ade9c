import { BURN_RATE_DEFAULTS } from "../detectors/burn-rate/settings.ts";
import { ERROR_SHARE_DEFAULTS } from "../detectors/error-share/settings.ts";
import { HOUR_MS, spell, type Millis } from "../domain/time.ts";
import type { Registered } from "../probes/definition.ts";
import { probes } from "../probes/index.ts";
import { HOURLY } from "../railway/budget.ts";
import { canEverFire, firingShare } from "../statistics/burn-rate.ts";
import type { Config, ProbeConfig, TargetConfig } from "./config.ts";
import { asksPlatform } from "./probes.ts";

/** What a configuration can see, and how soon. Lines for a person. */
export interface Reasoning {
  readonly lines: readonly string[];
  /** What can never be seen, or is seen where nothing is. */
  readonly warnings: readonly string[];
}

/** Reasons about detection: the longest time until each kind of incident opens, and what this configuration cannot see. */
export function reasonAboutDetection(
  config: Pick<Config, "targets"> & { readonly railway: Pick<Config["railway"], "plan"> },
): Reasoning {
  const { targets, railway } = config;
  return {
    lines: [...targets.flatMap(linesOf), ...quotaLines(targets, railway.plan)],
    warnings: targets.flatMap(warningsOf),
  };
}

function linesOf(target: TargetConfig): readonly string[] {
  return [...upLines(target), ...rateLines(target), ...leakLines(target)].map(
    (line) => `${target.name}: ${line}`,
  );
}

/** So many failed looks in a row, each at its deadline at worst, the first one a whole interval after the failure. */
function upLines(target: TargetConfig): readonly string[] {
  return target.probes.flatMap((probe) => {
    const { opens, listens }: Registered = probes[probe.kind];
    // What is called, and what reads Railway's own word, keeps another time.
    if (opens === null || listens === true || asksPlatform(probe)) return [];
    const longest =
      probe.everyMs +
      (probe.openAfter - 1) * probe.retryEveryMs +
      probe.openAfter * probe.timeoutMs;
    return [`${opens} within ${spell(longest)} (${probe.name}: ${probe.openAfter} looks in a row)`];
  });
}

/** Probes that count requests, and the fastest of them. */
function counting(target: TargetConfig): ProbeConfig | null {
  const found = measuring(target, "requests");
  return found.toSorted((a, b) => a.everyMs - b.everyMs)[0] ?? null;
}

function rateLines(target: TargetConfig): readonly string[] {
  if (!target.probes.some(({ kind }) => kind === "http")) return [];
  const probe = counting(target);
  if (probe === null)
    return [
      "errors, latency and floods are not seen: no prometheus, promql or railway probe counts its requests",
    ];
  const settings = { ...ERROR_SHARE_DEFAULTS, ...target.detect["error-share"] };
  const own = 2 * probe.everyMs;
  const lasting = Math.max(settings.sustainMs, 2 * probe.everyMs) + own;
  return [
    `high-error-rate within ${spell(Math.max(settings.severeMs, probe.everyMs) + own)} when half of all requests fail, within ${spell(lasting)} when more than ${percent(settings.minShare)} and ${settings.timesBase} times the usual do (${probe.name})`,
    `high-latency within ${spell(3 * probe.everyMs + own)} when p95 is far above its past (${probe.name}: 2 of 3 looks)`,
    ...trafficLines(target, settings),
  ];
}

/** With so few requests a share must be large before so many have failed. */
function trafficLines(
  target: TargetConfig,
  { minFailed, windowMs }: { readonly minFailed: number; readonly windowMs: Millis },
): readonly string[] {
  if (target.requestsPerHour === null) return [];
  const inWindow = (target.requestsPerHour * windowMs) / HOUR_MS;
  const smallest = minFailed / inWindow;
  const slow = BURN_RATE_DEFAULTS.minFailed / (6 * target.requestsPerHour);
  return [
    smallest <= 1
      ? `with ${target.requestsPerHour} requests an hour the smallest share seen within ${spell(windowMs)} is ${percent(smallest)}; one failed request alone opens nothing (${minFailed} are the least)`
      : `with ${target.requestsPerHour} requests an hour not even an outage makes ${minFailed} failed requests within ${spell(windowMs)}: errors are seen by the burn of 6 hours only, from ${percent(Math.min(1, slow))} on`,
  ];
}

function measuring(target: TargetConfig, what: "requests" | "memory"): readonly ProbeConfig[] {
  return target.probes.filter(({ kind }) => {
    const { measures }: Registered = probes[kind];
    return measures?.includes(what) === true;
  });
}

function leakLines(target: TargetConfig): readonly string[] {
  const [probe] = measuring(target, "memory");
  return probe === undefined
    ? []
    : [
        `memory-leak from the fourth hour of a process on, when its limit is less than 48 hours away (${probe.name})`,
      ];
}

function warningsOf(target: TargetConfig): readonly string[] {
  const settings = { ...BURN_RATE_DEFAULTS, ...target.detect["burn-rate"] };
  const never = settings.tiers.filter(
    ({ factor }) => !canEverFire({ objective: settings.objective, factor }),
  );
  const place = `target ${target.name}`;
  return [
    ...never.map(
      ({ factor }) =>
        `${place}: with an objective of ${percent(settings.objective)} the burn rate of ${factor} can never fire: it needs ${percent(firingShare({ objective: settings.objective, factor }))} of all requests to fail`,
    ),
    ...singleFailures(target, settings),
  ];
}

/** One failed request that would page somebody, because so few came that it is a large share. */
function singleFailures(
  target: TargetConfig,
  settings: typeof BURN_RATE_DEFAULTS,
): readonly string[] {
  const { requestsPerHour } = target;
  if (requestsPerHour === null || settings.minFailed > 1) return [];
  return settings.tiers.flatMap(({ factor, longMs }) => {
    const expected = (requestsPerHour * longMs) / HOUR_MS;
    const fires = 1 / expected > firingShare({ objective: settings.objective, factor });
    return fires
      ? [
          `target ${target.name}: at ${requestsPerHour} requests an hour a single failed one fires the burn rate of ${factor}; set detect.burn-rate.minFailed to 2 or more`,
        ]
      : [];
  });
}

/** What looking through Railway takes of the plan's hour; the rest is for acts. */
function quotaLines(
  targets: readonly TargetConfig[],
  plan: Config["railway"]["plan"],
): readonly string[] {
  const polls = targets.flatMap(({ probes }) => probes.filter((probe) => asksPlatform(probe)));
  if (polls.length === 0) return [];
  const everyMs = Math.min(...polls.map((probe) => probe.everyMs));
  const services = targets.filter(({ service }) => service !== null).length;
  // Five services fit into one request; each further five take one more.
  const perHour = Math.ceil(HOUR_MS / everyMs) * Math.max(1, Math.ceil(services / 5)) + 1;
  const share = percent(perHour / HOURLY[plan]);
  return [
    `Railway: about ${perHour} requests an hour at rest, ${share} of the plan's ${HOURLY[plan]}`,
  ];
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
