import { startApp } from "../../src/app.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { Entry } from "../../src/domain/world.ts";
import { systemClock } from "../../src/engine/clock.ts";
import type { Action } from "../../src/ports/action.ts";
import type { Notifier } from "../../src/ports/notifier.ts";
import type { Store } from "../../src/ports/store.ts";
import { openSqliteStore } from "../../src/storage/sqlite/index.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";

/**
 * The daemon of the kill tests: the real one, whose ports are wrapped so that it kills itself with SIGKILL at an
 * exact step. KILL_AT names the step; without it nothing differs. KILL_ACTION names the remedy whose call is meant, RUNBOOKS a
 * folder of runbooks instead of the shipped one.
 *
 *   ledger:<state>     right after the remedy's move to this state was committed
 *   call:before|after  around the call to the platform, the answer not yet stored
 *   verifying          after the first sample that is judged while verifying was committed
 *   notice:stored      right after the first notice was committed, nothing sent
 *   notice:sending     marked as being sent, not sent
 *   notice:sent        sent, not marked as delivered
 */
const killAt = process.env["KILL_AT"] ?? "";
const killAction = process.env["KILL_ACTION"] ?? "restart";
const runbooks = process.env["RUNBOOKS"];

const loaded = await loadConfig(
  process.env["SIGNALMAN_CONFIG"] ?? "",
  process.env,
  runbooks === undefined ? {} : { runbooks },
);
if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
const opened = await openSqliteStore({ folder: loaded.config.dataFolder });
if (opened.kind !== "open") throw new Error(JSON.stringify(opened));
const log = createLog("info");
const app = await startApp({
  config: loaded.config,
  version: "test",
  store: killingStore(opened.store),
  samples: opened.samples,
  clock: systemClock,
  log,
  metrics: createMetrics(),
  wrapAction: killingAction,
  wrapNotifier: killingNotifier,
});
log.info({ address: app.address }, "guarding");
process.once("SIGTERM", () => void app.stop());

function killingStore(store: Store): Store {
  return {
    load: (signal) => store.load(signal),
    head: (signal) => store.head(signal),
    undelivered: (limit, signal) => store.undelivered(limit, signal),
    close: () => store.close(),
    mark: async (notice, state, tries, signal) => {
      const result = await store.mark(notice, state, tries, signal);
      if (killAt === "notice:sending" && state === "sending") await die();
      return result;
    },
    commit: async (commits, signal) => {
      const result = await store.commit(commits, signal);
      if (result.kind === "written" && commits.some(({ entry }) => isTheStep(entry))) await die();
      return result;
    },
  };
}

function isTheStep(entry: Entry): boolean {
  return entry.decision.changes.some((change) => {
    if (change.table === "attempts")
      return change.row.slot === "remedy" && killAt === `ledger:${change.row.state}`;
    if (change.table === "notices") return killAt === "notice:stored";
    return (
      change.table === "incidents" &&
      killAt === "verifying" &&
      entry.event.type === "verdict" &&
      change.row.state === "verifying"
    );
  });
}

function killingAction(action: Action): Action {
  if (action.traits.kind !== killAction) return action;
  return {
    ...action,
    perform: async (attempt, signal) => {
      if (killAt === "call:before") await die();
      const answer = await action.perform(attempt, signal);
      if (killAt === "call:after") await die();
      return answer;
    },
  };
}

function killingNotifier(notifier: Notifier): Notifier {
  return {
    kind: notifier.kind,
    send: async (notice, options) => {
      const sending = await notifier.send(notice, options);
      if (killAt === "notice:sent") await die();
      return sending;
    },
  };
}

/** SIGKILL to oneself; nothing after it runs. */
function die(): Promise<never> {
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => {});
}
