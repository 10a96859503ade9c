import { createActions } from "../actions/index.ts";
import { createFinder } from "../actions/service-finder.ts";
import type { Driver } from "../actions/switch/driver.ts";
import type { Config } from "../config/config.ts";
import type { IncidentId } from "../domain/ids.ts";
import { signalKey } from "../domain/sample.ts";
import type { Board } from "../engine/board.ts";
import type { Dispatcher } from "../engine/dispatcher.ts";
import type { Action } from "../ports/action.ts";
import type { Probe } from "../ports/probe.ts";
import type { Clock } from "../ports/clock.ts";
import type { SampleStore } from "../ports/store.ts";
import { sessionsOf } from "../probes/postgres/sessions.ts";
import { REPLICAS } from "../railway/budget.ts";
import type { Railway } from "../railway/railway.ts";
import type { OpenProbe } from "./connections.ts";

/** Every action over what this daemon consists of. */
export function openActions(of: {
  readonly config: Config;
  readonly railway: Railway | null;
  readonly probes: readonly OpenProbe[];
  readonly drivers: { readonly [name: string]: readonly Driver[] };
  readonly board: Board;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly samples: SampleStore;
}): { readonly [kind: string]: Action } {
  const { config, railway, probes, drivers, board, dispatcher, clock, samples } = of;
  const finder = createFinder({
    railway,
    services: Object.fromEntries(config.targets.map((target) => [target.name, target.service])),
    own: config.ownService,
  });
  const opener = (incident: IncidentId | null): string =>
    incident === null ? "" : (dispatcher.world().incidents[incident]?.signal ?? "");
  const isOther = (probe: Probe, signal: string): boolean =>
    signalKey({ target: probe.target, probe: probe.name, name: "up" }) !== signal;
  const needing = (target: string): readonly string[] =>
    config.targets.filter((candidate) => candidate.needs.includes(target)).map(({ name }) => name);
  return createActions(config.rules.actions, {
    finder,
    clock,
    drivers,
    direct: (attempt) =>
      probes
        .filter(
          ({ isPath, probe }) =>
            isPath && probe.target === attempt.target && isOther(probe, opener(attempt.incident)),
        )
        .map(({ probe }) => probe),
    // Only a page with a condition on its content speaks about what the app needs; another may be served from
    // a cache while the database is dead.
    dependants: (attempt) =>
      probes
        .filter(
          ({ saysItself, probe }) => saysItself && needing(attempt.target).includes(probe.target),
        )
        .map(({ probe }) => probe),
    errors: (target) => board.errors(target),
    processStart: (target) => board.processStart(target),
    samples: async (from, to, signal) =>
      (await Array.fromAsync(samples.between(from, to, signal))).flat(),
    activity: async (target, signal) => {
      const url = databaseOf(config, target);
      return url === null ? null : sessionsOf(url, signal);
    },
    replicasMax: REPLICAS[config.railway.plan],
  });
}

/** The PostgreSQL that a target is, or that it needs. */
function databaseOf(config: Config, name: string): string | null {
  const target = config.targets.find((one) => one.name === name);
  const others = config.targets.filter((one) => target?.needs.includes(one.name) === true);
  const probes = [target, ...others].flatMap((one) => one?.probes ?? []);
  const found = probes.find(({ settings }) => settings.kind === "postgres")?.settings;
  return found?.kind === "postgres" ? found.url : null;
}
