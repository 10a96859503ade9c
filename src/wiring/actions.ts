import { createCancel } from "../actions/cancel-deploy/index.ts";
import { createCollect } from "../actions/collect-evidence/index.ts";
import { createFreeze } from "../actions/freeze-autodeploy/index.ts";
import { createInspect } from "../actions/inspect/index.ts";
import { createLook } from "../actions/look/index.ts";
import { createRedeploy } from "../actions/redeploy/index.ts";
import { createRestart } from "../actions/restart/index.ts";
import { createRollback } from "../actions/rollback/index.ts";
import { createScale } from "../actions/scale/index.ts";
import { type ServiceFinder, createFinder } from "../actions/service-finder.ts";
import type { Driver } from "../actions/switch/driver.ts";
import { createSwitch } from "../actions/switch/index.ts";
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

export function createActions(of: {
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
  const traits = config.rules.actions;
  const finder: ServiceFinder = createFinder({
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
  return {
    look: createLook({
      traits: traitsOf(traits, "look"),
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
    }),
    inspect: createInspect({
      traits: traitsOf(traits, "inspect"),
      finder,
      errors: (target) => board.errors(target),
    }),
    restart: createRestart({
      traits: traitsOf(traits, "restart"),
      finder,
      processStart: (target) => board.processStart(target),
    }),
    rollback: createRollback({ traits: traitsOf(traits, "rollback"), finder, clock }),
    redeploy: createRedeploy({ traits: traitsOf(traits, "redeploy"), finder, clock }),
    "cancel-deploy": createCancel({ traits: traitsOf(traits, "cancel-deploy"), finder }),
    "freeze-autodeploy": createFreeze({ traits: traitsOf(traits, "freeze-autodeploy"), finder }),
    scale: createScale({
      traits: traitsOf(traits, "scale"),
      finder,
      replicasMax: REPLICAS[config.railway.plan],
    }),
    "collect-evidence": createCollect({
      traits: traitsOf(traits, "collect-evidence"),
      finder,
      clock,
      samples: async (from, to, signal) =>
        (await Array.fromAsync(samples.between(from, to, signal))).flat(),
      activity: async (target, signal) => {
        const url = databaseOf(config, target);
        return url === null ? null : sessionsOf(url, signal);
      },
    }),
    switch: createSwitch({ traits: traitsOf(traits, "switch"), drivers }),
  };
}

/** The PostgreSQL that a target is, or that it needs. */
function databaseOf(config: Config, name: string): string | null {
  const target = config.targets.find((one) => one.name === name);
  const others = config.targets.filter((one) => target?.needs.includes(one.name) === true);
  const probes = [target, ...others].flatMap((one) => one?.probes ?? []);
  const found = probes.find(({ settings }) => settings.kind === "postgres")?.settings;
  return found?.kind === "postgres" ? found.url : null;
}

function traitsOf(all: Config["rules"]["actions"], kind: string): Action["traits"] {
  const traits = all[kind];
  if (traits === undefined) throw new Error(`the configuration has no traits for "${kind}"`);
  return traits;
}
