import { randomUUID } from "node:crypto";
import type { Postgres } from "../processes/postgres.ts";
import { send } from "../processes/tree.ts";
import type { Evidence, Fault, Faults } from "./faults.ts";
import type { Line } from "./logbook.ts";
import type { Measured } from "./meters.ts";
import type { Passage } from "./public-edge.ts";
import { createHolds, type Holds } from "./holds.ts";
import { createProcessStart } from "./process-start.ts";
import type { RailwayService } from "./railway-service.ts";
import type { Release } from "./release.ts";
import type { Terms } from "./terms.ts";
import type { Visibility } from "./timeline.ts";
import type { Tokens } from "./tokens.ts";

/** On it the guarded API begins to leak, for as long as it lives. */
const LEAK_SIGNAL = "SIGUSR2";
const MUTATIONS_KEPT = 1_000;

export type MutationRecord = {
  at: number;
  operation: string;
  variables: unknown;
  executed: boolean;
};

export type Counters = {
  mutations: MutationRecord[];
  graphqlRequests: number;
  slackAccepted: number;
  slackRejected: number;
};

/** The platform's whole state: one project, one environment, its services, the faults in force, what was counted. */
export type Platform = {
  readonly projectId: string;
  readonly environmentId: string;
  readonly tokenId: string;
  readonly createdAt: number;
  readonly tokens: Tokens;
  readonly services: readonly RailwayService[];
  readonly terms: Terms;
  /** Every commit that was ever pushed, oldest first. */
  readonly releases: Release[];
  readonly faults: Faults;
  readonly holds: Holds;
  readonly counters: Counters;
  readonly signals: Signals;
  /** How much later than everything else metrics are shown. */
  readonly metricsLagMs: number;
  /** How a kind of evidence is shown at present; `extraLagMs` for views that are later still. */
  visibility(kind: Evidence, extraLagMs?: number): Visibility;
  /** Carries out or puts in force a fault. Throws `FaultRefused` when the service does not allow it. */
  inject(fault: Fault): Promise<void>;
  /** Ends all faults, or those of one name, and undoes what can be undone. */
  clear(name?: string): Promise<void>;
  /** Restarts the service of a deployment; resolves when it has come up or failed to. */
  restart(service: RailwayService): Promise<void>;
  record(mutation: MutationRecord): void;
};

/** A fault that cannot be injected as asked; the message is a sentence for the one who asked. */
export class FaultRefused extends Error {}

/** What was measured, passed the edge, and was written, oldest first. */
export type Signals = {
  measured(): readonly Measured[];
  passages(): readonly Passage[];
  lines(): readonly Line[];
};

export type PlatformParts = {
  faults: Faults;
  signals: Signals;
  metricsLagMs: number;
  services: readonly RailwayService[];
  postgres: Postgres;
  tokens: Tokens;
  terms: Terms;
  /** How late the platform reports what happened, in ms. */
  lagMs: number;
};

/** Assembles the platform around services that exist already. */
export function createPlatform(parts: PlatformParts): Platform {
  const { services, postgres, tokens, terms, lagMs, faults, signals, metricsLagMs } = parts;
  const holds = createHolds();
  const counters: Counters = {
    mutations: [],
    graphqlRequests: 0,
    slackAccepted: 0,
    slackRejected: 0,
  };
  const processStart = createProcessStart(postgres, faults, serviceNamed(services, "Postgres"));
  serviceNamed(services, "Postgres").beforeOpen(() => processStart.apply());
  return {
    projectId: randomUUID(),
    environmentId: randomUUID(),
    tokenId: randomUUID(),
    createdAt: Date.now(),
    tokens,
    services,
    terms,
    releases: services.map((service) => service.current.release),
    faults,
    holds,
    counters,
    signals,
    metricsLagMs,
    visibility: (kind, extraLagMs = 0) => visibilityOf(faults, kind, lagMs + extraLagMs),
    async inject(fault) {
      if ("service" in fault) await strike(serviceNamed(services, fault.service), fault, faults);
      if (fault.fault !== "kill" && fault.fault !== "release") faults.add(fault, Date.now());
      await processStart.apply();
    },
    async clear(name) {
      const ended = faults.drop(name);
      for (const { fault } of ended) await undo(fault, services);
      if (name === undefined) holds.release(true);
      await processStart.apply();
    },
    async restart(service) {
      const fails = faults.take("restart-fails", service.name) !== undefined;
      faults.drop("pause", service.name);
      faults.drop("refuse", service.name);
      await service.restart(fails);
    },
    record(mutation) {
      counters.mutations.push(mutation);
      if (counters.mutations.length > MUTATIONS_KEPT) counters.mutations.shift();
    },
  };
}

/** The service of a name or id. Throws `FaultRefused` when there is none. */
export function serviceNamed(services: readonly RailwayService[], name: string): RailwayService {
  const found = services.find((service) => service.name === name || service.id === name);
  if (found !== undefined) return found;
  const names = services.map((service) => service.name).join(", ");
  throw new FaultRefused(`Expected "service" to be one of ${names}.`);
}

async function strike(service: RailwayService, fault: Fault, faults: Faults): Promise<void> {
  const needsProcess = ["kill", "pause", "refuse", "crash-loop", "leak", "release"].includes(
    fault.fault,
  );
  if (needsProcess && service.ward === undefined) {
    throw new FaultRefused(`Expected a service with a running process; ${service.name} has none.`);
  }
  if (fault.fault === "kill") {
    const { ward } = service;
    service.kill();
    await ward?.exited;
    faults.drop("pause", service.name);
  }
  if (fault.fault === "pause") service.pause();
  if (fault.fault === "refuse") await service.refuse();
  if (fault.fault === "release") await service.release();
  if (fault.fault === "crash-loop") service.crash(fault.everyMs);
  if (fault.fault === "leak" && service.ward !== undefined) send(service.ward.pid, LEAK_SIGNAL);
}

async function undo(fault: Fault, services: readonly RailwayService[]): Promise<void> {
  if (fault.fault === "pause") serviceNamed(services, fault.service).resume();
  if (fault.fault === "refuse") await serviceNamed(services, fault.service).allow();
  if (fault.fault === "crash-loop") serviceNamed(services, fault.service).calm();
}

function visibilityOf(faults: Faults, kind: Evidence, lagMs: number): Visibility {
  const withheld = faults.find("withhold-evidence");
  const delayed = faults.find("delay-evidence");
  const concerns = (kinds: Evidence[] | undefined) => kinds === undefined || kinds.includes(kind);
  return {
    lagMs,
    withheldSince:
      withheld !== undefined && concerns(withheld.fault.kinds) ? withheld.since : undefined,
    delay:
      delayed !== undefined && concerns(delayed.fault.kinds)
        ? { since: delayed.since, ms: delayed.fault.ms }
        : undefined,
  };
}
