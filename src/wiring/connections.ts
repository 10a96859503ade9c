import { Agent } from "undici";
import { createControl } from "../actions/switch/control.ts";
import type { Driver } from "../actions/switch/driver.ts";
import type { AppParts } from "./parts.ts";
import type { Config } from "../config/config.ts";
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
import { type Railway, createRailway } from "../railway/railway.ts";
import type { Log } from "../telemetry/log.ts";

export interface OpenProbe {
  readonly probe: Probe;
  /** It reads what the target says of itself, not only that it answers. */
  readonly saysItself: boolean;
  /** It asks, and does not wait to be called: a second path may go over it. */
  readonly asks: boolean;
  /** It says whether the target answers; others only measure. */
  readonly saysUp: boolean;
  readonly rhythm: Rhythm;
}

export function openProbes(
  config: Config,
  calls: Calls,
  lifecycle: Lifecycle,
): readonly OpenProbe[] {
  const places = config.places.flatMap((place) => placeOf(place) ?? []);
  const network = places.length === 0 ? null : createOwnNetwork(places);
  return config.targets.flatMap((target) =>
    target.probes.map((settings) => {
      const made = createProbe(settings.kind, {
        target: target.name,
        name: settings.name,
        config: settings.settings,
        calls,
        ...(target.url === null ? {} : { baseUrl: target.url }),
      });
      const own = "url" in settings.settings ? settings.settings.url : undefined;
      const isDoubted = network !== null && isPublic(own ?? target.url);
      const probe = isDoubted ? doubting(made, network) : made;
      lifecycle.onStop(`probe ${target.name} ${settings.name}`, () => probe.close());
      const saysItself =
        settings.settings.kind === "http" && settings.settings.expect?.json !== undefined;
      const rhythm = { everyMs: settings.everyMs, retryEveryMs: settings.retryEveryMs };
      const kind: Registered = probes[settings.kind];
      const saysUp = kind.opens !== null;
      return { probe, saysItself, asks: kind.listens !== true, saysUp, rhythm };
    }),
  );
}

export function openRailway(parts: AppParts, lifecycle: Lifecycle): Railway | null {
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
  });
  lifecycle.onStop("railway client", () => client.close());
  return client;
}

export function openDrivers(
  config: Config,
  clock: Clock,
  lifecycle: Lifecycle,
): { readonly [name: string]: readonly Driver[] } {
  const agent = new Agent({
    connect: { timeout: 3_000 },
    headersTimeout: 5_000,
    bodyTimeout: 5_000,
  });
  lifecycle.onStop("switch connections", () => agent.destroy());
  return Object.fromEntries(
    config.switches.map((one) => [
      one.name,
      one.drivers.map((driver) =>
        createControl({ url: driver.url, secret: driver.secret, clock, agent }),
      ),
    ]),
  );
}

export function notifierFor(config: Config, clock: Clock, log: Log): Notifier {
  if (config.slack !== null) return createSlack({ webhook: config.slack.webhook, clock });
  return createLogNotifier((title, lines) => log.warn({ lines }, title));
}
