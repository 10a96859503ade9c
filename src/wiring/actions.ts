import { createInspect } from "../actions/inspect/index.ts";
import { createLook } from "../actions/look/index.ts";
import { createRestart } from "../actions/restart/index.ts";
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
import type { Railway } from "../railway/railway.ts";
import type { OpenProbe } from "./connections.ts";

export function createActions(of: {
  readonly config: Config;
  readonly railway: Railway | null;
  readonly probes: readonly OpenProbe[];
  readonly drivers: { readonly [name: string]: readonly Driver[] };
  readonly board: Board;
  readonly dispatcher: Dispatcher;
}): { readonly [kind: string]: Action } {
  const { config, railway, probes, drivers, board, dispatcher } = of;
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
    inspect: createInspect({ traits: traitsOf(traits, "inspect"), finder }),
    restart: createRestart({
      traits: traitsOf(traits, "restart"),
      finder,
      processStart: (target) => board.processStart(target),
    }),
    switch: createSwitch({ traits: traitsOf(traits, "switch"), drivers }),
  };
}

function traitsOf(all: Config["rules"]["actions"], kind: string): Action["traits"] {
  const traits = all[kind];
  if (traits === undefined) throw new Error(`the configuration has no traits for "${kind}"`);
  return traits;
}
