import { randomUUID } from "node:crypto";

import type { Command } from "commander";

import { Duration } from "../config/duration.ts";
import type { OrderKind } from "../domain/order.ts";
import { askBooks, askIncident } from "./books.ts";
import { dataFolder } from "./data-folder.ts";
import type { Io } from "./io.ts";
import { give as handOver } from "./taken.ts";
import { byCommandLine } from "./who.ts";

interface Options {
  readonly data?: string;
  readonly by?: string;
  readonly for?: string;
}

const WORDS: { readonly [order in OrderKind]: string } = {
  ack: "say that you know of an incident: reminders stop, Signalman goes on",
  take: "take an incident over: Signalman does nothing more for it and watches",
  resolve: "end an incident; what it switched on is taken back first",
  silence: "hear nothing of an incident for a while, but what needs you",
};

/** `ack`, `take`, `resolve` and `silence`: what a person says about an incident. */
export function register(program: Command, io: Io): void {
  for (const [order, words] of Object.entries(WORDS) as [OrderKind, string][]) {
    const command = program
      .command(order)
      .description(words)
      .argument("<id>", "the incident, or the beginning of its id")
      .option("--by <name>", "who says so; shown to everybody (default: your user name)")
      .option(
        "--data <folder>",
        "the daemon's data folder (default: SIGNALMAN_DATA, else .signalman)",
      );
    if (order === "silence") command.option("--for <length>", "how long, for example 30m", "1h");
    command.action((id: string, options: Options) => give(io, order, id, options));
  }
}

async function give(io: Io, order: OrderKind, id: string, options: Options): Promise<void> {
  const length = options.for === undefined ? null : Duration.safeParse(options.for);
  if (length !== null && !length.success) {
    io.err(`--for: ${length.error.issues[0]?.message ?? "expected a length of time"}`);
    return io.exit(2);
  }
  const folder = dataFolder(io, options.data);
  const asked = await askBooks(folder, (records, signal) => askIncident(records, id, signal));
  if (!asked.ok) {
    io.err(asked.sentence);
    return io.exit(1);
  }
  const { answer: incident } = asked;
  if (incident.closedAt !== null) {
    io.err(`${incident.id} is over already.`);
    return io.exit(1);
  }
  const waitsIn = await handOver(folder, {
    id: `${Date.now()}-${randomUUID()}`,
    order,
    incident: incident.id,
    by: byCommandLine(options.by),
    ...(length === null ? {} : { forMs: length.data }),
  });
  if (waitsIn !== null) {
    io.err(`No daemon has taken the order yet; it waits in ${waitsIn} and counts when one runs.`);
    return io.exit(1);
  }
  io.out(`${incident.kind} of ${incident.target} (${incident.id}): ${order}.`);
}
