import type { Config } from "../config/config.ts";
import type { Pause } from "../domain/pause.ts";
import type { Order } from "../domain/order.ts";
import type { Action } from "../ports/action.ts";
import type { SteadyClock } from "../ports/clock.ts";
import type { Notifier } from "../ports/notifier.ts";
import type { Probe } from "../ports/probe.ts";
import type { SampleStore, Store } from "../ports/store.ts";
import type { OpenAgent } from "../railway/graphql.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";

/** What a running daemon consists of; the parts a test replaces are named here and nowhere else. */
export interface AppParts {
  readonly config: Config;
  readonly version: string;
  readonly store: Store;
  readonly samples: SampleStore;
  readonly clock: SteadyClock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** For tests that stop the daemon at an exact step of the ledger. */
  readonly wrapAction?: (action: Action) => Action;
  readonly wrapNotifier?: (notifier: Notifier) => Notifier;
  readonly wrapProbe?: (probe: Probe) => Probe;
  /** For a simulation, which has neither a network nor files: the daemon then listens nowhere. */
  readonly simulated?: {
    /** Carries requests to Railway and to switches. */
    readonly agent: OpenAgent;
    readonly pauseSource: { read(): Pause | null };
    readonly orderSource: { read(): readonly Order[]; remove(order: Order): void };
  };
}
