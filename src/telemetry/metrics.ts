import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";

/** What can be watched about the daemon itself. Names are listed in docs/reference/metrics.md. */
export interface Metrics {
  readonly registry: Registry;
  readonly samples: Counter<"target" | "probe" | "result">;
  readonly decisions: Counter<"event">;
  readonly attempts: Counter<"action" | "state">;
  readonly notices: Counter<"state">;
  readonly deliveries: Counter<"source" | "result">;
  readonly openIncidents: Gauge;
  readonly storeWritable: Gauge;
  readonly paused: Gauge;
  readonly railwayRemaining: Gauge;
  readonly logErrors: Counter<"target" | "class">;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    samples: new Counter({
      name: "signalman_samples_total",
      help: "Looks at targets, by what came of them: up, down or unknown.",
      labelNames: ["target", "probe", "result"],
      registers,
    }),
    decisions: new Counter({
      name: "signalman_journal_entries_total",
      help: "Entries written to the journal, by the event they decided on.",
      labelNames: ["event"],
      registers,
    }),
    attempts: new Counter({
      name: "signalman_attempts_total",
      help: "Moves of the action ledger, by action and the state moved to.",
      labelNames: ["action", "state"],
      registers,
    }),
    notices: new Counter({
      name: "signalman_notices_total",
      help: "Tries to tell people, by what came of them.",
      labelNames: ["state"],
      registers,
    }),
    deliveries: new Counter({
      name: "signalman_hook_deliveries_total",
      help: "Deliveries and calls from outside, by what came of them.",
      labelNames: ["source", "result"],
      registers,
    }),
    openIncidents: new Gauge({
      name: "signalman_incidents_open",
      help: "Incidents that are not over.",
      registers,
    }),
    storeWritable: new Gauge({
      name: "signalman_store_writable",
      help: "1 while the journal can be written; at 0 nothing is done.",
      registers,
    }),
    paused: new Gauge({
      name: "signalman_paused",
      help: "1 while a person has paused Signalman.",
      registers,
    }),
    railwayRemaining: new Gauge({
      name: "signalman_railway_requests_remaining",
      help: "Requests left of Railway's hourly budget.",
      registers,
    }),
    logErrors: new Counter({
      name: "signalman_log_errors_total",
      help: "Lines of error in a target's log, by what they are about.",
      labelNames: ["target", "class"],
      registers,
    }),
  };
}
