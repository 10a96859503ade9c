import { Agent, type Dispatcher } from "undici";
import { createControl } from "../actions/switch/control.ts";
import type { Driver } from "../actions/switch/driver.ts";
import { createDesk, type Desk } from "../actions/switch/polling.ts";
import { createRedisDriver } from "../actions/switch/redis.ts";
import type { AppParts } from "./parts.ts";
import type { Config, DriverConfig } from "../config/config.ts";
import type { Lease } from "../domain/lease.ts";
import { asksPlatform, saysUp } from "../config/probes.ts";
import type { Rhythm } from "../engine/board.ts";
import type { Lifecycle } from "../engine/lifecycle.ts";
import { createLogNotifier } from "../notifiers/log/index.ts";
import { createSlack } from "../notifiers/slack/index.ts";
import type { Calls } from "../ports/calls.ts";
import type { Clock } from "../ports/clock.ts";
import type { Notifier } from "../ports/notifier.ts";
import type { Probe } from "../ports/probe.ts";
import type { Registered } from "../probes/definition.ts";
import { createProbe, probes } from "../probes/index.ts";
import { createOwnNetwork, doubting, isPublic, placeOf } from "../probes/own-network.ts";
import { letSleep } from "../probes/sleep.ts";
import type { OpenAgent } from "../railway/graphql.ts";
import { type Railway, createRailway } from "../railway/railway.ts";
import type { Log } from "../telemetry/log.ts";

export interface OpenProbe {
  readonly probe: Probe;
  /** It says whether the target is up. */
  readonly saysUp: boolean;
  /** It asks the target itself, and neither the platform nor waits to be called: a second path may go over it. */
  readonly isPath: boolean;
  /** It reads what the target says of itself, not only that it answers. */
  readonly saysItself: boolean;
  readonly rhythm: Rhythm;
}

export function openProbes(
  config: Config,
  railway: Railway | null,
  calls: Calls,
  lifecycle: Lifecycle,
  wrap: (probe: Probe) => Probe = (probe) => probe,
): readonly OpenProbe[] {
  const places = config.places.flatMap((place) => placeOf(place) ?? []);
  const network = places.length === 0 ? null : createOwnNetwork(places);
  return config.targets.flatMap((target) => {
    const platform =
      railway === null || target.service === null
        ? null
        : { service: target.service, poller: railway.poller };
    return target.probes.map((one) => {
      const isUp = saysUp(one, target.probes);
      const made = wrap(
        createProbe(one.kind, {
          target: target.name,
          name: one.name,
          config: one.settings,
          calls,
          ...(target.url === null ? {} : { baseUrl: target.url }),
          ...(platform === null ? {} : { platform: { ...platform, isOnlyWord: isUp } }),
        }),
      );
      const own = "url" in one.settings ? one.settings.url : undefined;
      const isDoubted = network !== null && isPublic(own ?? target.url);
      const doubted = isDoubted ? doubting(made, network) : made;
      const probe =
        platform === null || one.kind !== "http" ? doubted : letSleep(doubted, platform);
      lifecycle.onStop(`probe ${target.name} ${one.name}`, () => probe.close());
      const kind: Registered = probes[one.kind];
      return {
        probe,
        saysUp: isUp,
        isPath: isUp && !asksPlatform(one) && kind.listens !== true,
        saysItself: one.settings.kind === "http" && one.settings.expect?.json !== undefined,
        rhythm: { everyMs: one.everyMs, retryEveryMs: one.retryEveryMs },
      };
    });
  });
}

export function openRailway(
  parts: Pick<AppParts, "config" | "clock" | "version" | "simulated">,
  note: (text: string) => void,
  lifecycle: Lifecycle,
): Railway | null {
  const { railway } = parts.config;
  if (railway.token === null || railway.projectId === null || railway.environmentId === null)
    return null;
  const client = createRailway({
    endpoint: railway.endpoint,
    token: railway.token,
    projectId: railway.projectId,
    environmentId: railway.environmentId,
    plan: railway.plan,
    statusUrl: railway.statusUrl,
    clock: parts.clock,
    userAgent: `signalman/${parts.version}`,
    note,
    ...(parts.simulated === undefined ? {} : { agent: parts.simulated.agent }),
  });
  lifecycle.onStop("railway client", () => client.close());
  return client;
}

export function openDrivers(
  config: Config,
  clock: Clock,
  lifecycle: Lifecycle,
  leases: readonly Lease[],
  open: OpenAgent = (how) => new Agent(how),
): {
  readonly drivers: { readonly [name: string]: readonly Driver[] };
  /** For the apps that ask: the daemon's server answers them with it. */
  readonly polls: Desk;
} {
  const desk = createDesk(clock);
  const agent = open({
    connect: { timeout: 3_000 },
    headersTimeout: 5_000,
    bodyTimeout: 5_000,
  });
  lifecycle.onStop("switch connections", () => agent.destroy());
  const drivers = Object.fromEntries(
    config.switches.map((one) => [
      one.name,
      one.drivers.map((driver) => openDriver(one.name, driver, { clock, agent, desk })),
    ]),
  );
  desk.restore(leases);
  return { drivers, polls: desk };
}

function openDriver(
  name: string,
  driver: DriverConfig,
  {
    clock,
    agent,
    desk,
  }: { readonly clock: Clock; readonly agent: Dispatcher; readonly desk: Desk },
): Driver {
  switch (driver.kind) {
    case "control":
      return createControl({ url: driver.url, secret: driver.secret, clock, agent });
    case "redis": {
      const key = driver.key ?? `signalman:switch:${name}`;
      return createRedisDriver({ url: driver.url, key, clock });
    }
    case "polling":
      return desk.driver(name, driver.token);
  }
}

export function notifierFor(config: Config, clock: Clock, log: Log): Notifier {
  if (config.slack !== null) return createSlack({ webhook: config.slack.webhook, clock });
  return createLogNotifier((title, lines) => log.warn({ lines }, title));
}
