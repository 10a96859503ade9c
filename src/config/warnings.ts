import type { Runbook } from "../domain/runbook.ts";
import { isPublic } from "../probes/own-network.ts";
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
    ...tokenOf(settings, around),
    ...plainControls(settings),
    ...withoutService(settings),
    ...missingSwitches(settings, runbooks),
    ...withoutPlaces(settings),
    ...unheard(settings, around),
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

/** A token that may do too much, or that is not of the place it is asked about. */
function tokenOf({ railway }: Settings, around: Surroundings): readonly string[] {
  if (around.token?.kind === "bearer") {
    return [
      "RAILWAY_API_TOKEN may do far more than the runbooks ask: a project token of this environment (RAILWAY_TOKEN) is enough",
    ];
  }
  const { environment } = railway;
  const isOther = ![undefined, null, environment].includes(around.environmentId);
  return around.token === null || environment === undefined || !isOther
    ? []
    : [
        "railway.environment: it is not the one that Signalman runs in (RAILWAY_ENVIRONMENT_ID), and a project token is of one only: RAILWAY_TOKEN must be of that one",
      ];
}

/** A signature keeps an order genuine, but who listens on the way can read and withhold it. */
function plainControls({ switches }: Settings): readonly string[] {
  return Object.entries(switches).flatMap(([name, { drivers }]) =>
    drivers.flatMap((driver, index) => {
      if (driver.kind !== "control") return [];
      const { protocol, hostname } = new URL(driver.url);
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

/** What is reached over the public network is down to us when it is our own network that is. */
function withoutPlaces({ network, targets }: Settings): readonly string[] {
  const isReached = targets.some(({ url, probes }) =>
    probes.some((probe) => isPublic(("url" in probe ? probe.url : undefined) ?? url)),
  );
  return network !== undefined || !isReached
    ? []
    : ["no network.places: an outage of Signalman's own network looks like one of the targets"];
}

/** Who listens to itself only hears nobody, and would call a heartbeat overdue. */
function unheard({ hooks, targets }: Settings, { host, port }: Surroundings): readonly string[] {
  if (host !== "127.0.0.1") return [];
  const senders = Object.entries(hooks).flatMap(([source, one]) =>
    one === undefined ? [] : [`hooks.${source}`],
  );
  const callers = targets.flatMap(({ name, probes }) =>
    probes.some(({ kind }) => kind === "heartbeat") ? [`the heartbeat of ${name}`] : [],
  );
  const all = [...senders, ...callers];
  return all.length === 0
    ? []
    : [
        `${all.join(", ")}: Signalman listens on ${host}:${port}, so only what runs on this machine can call it`,
      ];
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
  return runbooks.flatMap(({ name, machine, slots }) => {
    // What sheds load is a comfort; without read-only mode writes fail one by one.
    if (machine !== "database-down") return [];
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
