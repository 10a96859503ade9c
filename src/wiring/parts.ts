import type { Config } from "../config/config.ts";
import type { Action } from "../ports/action.ts";
import type { Clock } from "../ports/clock.ts";
import type { Notifier } from "../ports/notifier.ts";
import type { SampleStore, Store } from "../ports/store.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";

/** What a running daemon consists of; the parts a test replaces are named here and nowhere else. */
export interface AppParts {
  readonly config: Config;
  readonly version: string;
  readonly store: Store;
  readonly samples: SampleStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** For tests that stop the daemon at an exact step of the ledger. */
  readonly wrapAction?: (action: Action) => Action;
  readonly wrapNotifier?: (notifier: Notifier) => Notifier;
}
