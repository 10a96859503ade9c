import { actOn } from "../../twin/acting.ts";
import { startTwin, type Twin } from "../../twin/index.ts";
import { createRailway, type Railway } from "../railway/railway.ts";
import type { Action } from "../ports/action.ts";
import type { ActionParts } from "./definition.ts";
import { createActions } from "./index.ts";
import { createFinder } from "./service-finder.ts";

/** A twin with a client pointed at it, for tests of actions. The target `api` is its API, `db` its PostgreSQL. */
export interface ActionStage extends AsyncDisposable {
  readonly twin: Twin;
  readonly railway: Railway;
  readonly acting: ReturnType<typeof actOn>;
  /** An action as the daemon makes it, but for these parts. */
  action(kind: string, parts?: Partial<ActionParts>): Action;
  /** Deployments that were made for this reason since the twin began. */
  made(reason: string): number;
}

/** Starts a twin whose platform is quick, and connects to it. */
export async function openActionStage(): Promise<ActionStage> {
  const budget = { perHour: 1_000_000, perSecond: 10_000 };
  const twin = await startTwin({ lagMs: 50, redis: false, budget });
  twin.setTerms({ buildMs: 50, overlapMs: 50, applyMs: 50, acceptMs: 50, latestLagMs: 400 });
  const clock = {
    now: () => Date.now(),
    until: () => Promise.reject(new Error("nothing waits here")),
  };
  const railway = createRailway({
    endpoint: twin.env["RAILWAY_GRAPHQL_ENDPOINT"] ?? "",
    token: { kind: "project", value: twin.env["RAILWAY_TOKEN"] ?? "" },
    projectId: twin.env["RAILWAY_PROJECT_ID"] ?? "",
    environmentId: twin.env["RAILWAY_ENVIRONMENT_ID"] ?? "",
    plan: "enterprise",
    statusUrl: `${twin.urls.platform}/status`,
    clock,
    userAgent: "signalman/test",
  });
  const finder = createFinder({
    railway,
    services: { api: "tradesense-backend", db: "Postgres" },
    own: { id: null, name: "signalman" },
  });
  const usual: ActionParts = {
    finder,
    clock,
    drivers: {},
    direct: () => [],
    dependants: () => [],
    errors: () => null,
    processStart: () => null,
    samples: () => Promise.resolve([]),
    activity: () => Promise.resolve(null),
    replicasMax: 6,
  };
  const acting = actOn(twin);
  return {
    twin,
    railway,
    acting,
    action(kind, parts) {
      const made = createActions({}, { ...usual, ...parts })[kind];
      if (made === undefined) throw new Error(`there is no action ${kind}`);
      return made;
    },
    made: (reason) => acting.api().deployments.filter((one) => one.reason === reason).length,
    async [Symbol.asyncDispose]() {
      await railway.close();
      await twin.stop();
    },
  };
}
