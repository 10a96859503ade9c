import type { Runbook } from "../domain/runbook.ts";
import type { Surroundings } from "./environment.ts";
import { Duration } from "./duration.ts";
import type { Settings } from "./schema.ts";

/** What is allowed and probably not meant. No line holds a URL's path or any secret. */
export function warningsOf(
  settings: Settings,
  runbooks: readonly Runbook[],
  around: Surroundings,
): readonly string[] {
  return [
    ...withoutPlace(settings, around),
    ...plainControls(settings),
    ...withoutService(settings),
    ...missingSwitches(settings, runbooks),
    ...countedTwice(settings),
    ...(settings.slack === undefined ? ["no slack.webhook: nobody is told anything"] : []),
  ];
}

/** Without all three nobody is asked at Railway. */
function withoutPlace({ railway }: Settings, around: Surroundings): readonly string[] {
  if (around.token === null) return [];
  const missing = [
    ...((railway.project ?? around.projectId) === null ? ["RAILWAY_PROJECT_ID"] : []),
    ...((railway.environment ?? around.environmentId) === null ? ["RAILWAY_ENVIRONMENT_ID"] : []),
  ];
  return missing.length === 0
    ? []
    : [`no ${missing.join(" and no ")}: nothing can be inspected or restarted at Railway`];
}

/** A signature keeps an order genuine, but who listens on the way can read and withhold it. */
function plainControls({ switches }: Settings): readonly string[] {
  return Object.entries(switches).flatMap(([name, { drivers }]) =>
    drivers.flatMap(({ url }, index) => {
      const { protocol, hostname } = new URL(url);
      if (protocol === "https:" || isPrivate(hostname)) return [];
      const place = `switches.${name}.drivers[${index}].url`;
      return [`${place}: plain http to ${hostname} outside of Railway's private network`];
    }),
  );
}

function isPrivate(hostname: string): boolean {
  return (
    /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname) ||
    hostname.endsWith(".railway.internal")
  );
}

function withoutService({ targets }: Settings): readonly string[] {
  return targets.flatMap(({ name, service, probes }, index) =>
    service === undefined && probes.some(({ kind }) => kind === "postgres")
      ? [`targets[${index}]: ${name} names no Railway service, so it can never be restarted`]
      : [],
  );
}

function missingSwitches(
  { switches, targets }: Settings,
  runbooks: readonly Runbook[],
): readonly string[] {
  const isGuarded = targets.some(({ probes }) => probes.some(({ kind }) => kind === "postgres"));
  if (!isGuarded) return [];
  return runbooks.flatMap(({ name, slots }) => {
    const wanted = slots.contain?.with["switch"];
    return typeof wanted === "string" && !Object.hasOwn(switches, wanted)
      ? [`switches: the runbook ${name} contains with "${wanted}", which is not configured`]
      : [];
  });
}

/** Counts are those since the last look: a longer range tells of the same requests again. */
function countedTwice({ targets }: Settings): readonly string[] {
  return targets.flatMap(({ probes }, index) =>
    probes.flatMap((probe, position) => {
      if (probe.kind !== "promql") return [];
      return COUNTS.flatMap((signal) => {
        const range = /\[\s*(\d+(?:ms|s|m|h))\s*\]/.exec(probe.signals[signal] ?? "")?.[1];
        const read = Duration.safeParse(range);
        if (!read.success || read.data === probe.every) return [];
        const place = `targets[${index}].probes[${position}].signals.${signal}`;
        return [
          `${place}: a range of ${range} every ${probe.every / 1_000} s; [$every] fits always`,
        ];
      });
    }),
  );
}

const COUNTS = ["failed", "requests", "auth_failures", "complaints"] as const;
