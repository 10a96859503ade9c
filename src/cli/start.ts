import { existsSync, rmSync } from "node:fs";
import { resolve } from "node:path";

import type { Command } from "commander";

import { startApp, type App } from "../app.ts";
import { explain } from "../config/explain.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import { pauseWords } from "../domain/pause.ts";
import { systemClock } from "../engine/clock.ts";
import { createSlack } from "../notifiers/slack/index.ts";
import { readPause } from "../storage/pause-file.ts";
import { openSqliteStore } from "../storage/sqlite/index.ts";
import { createLog, type Log } from "../telemetry/log.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import { VERSION } from "../version.ts";
import { TWIN_FOLDER } from "./data-folder.ts";
import type { Io } from "./io.ts";
import { startTwinProcess, type TwinProcess } from "./twin-process.ts";

/** `start` runs the daemon until SIGTERM or SIGINT; without a configuration it guards the local twin. */
export function register(program: Command, io: Io): void {
  program
    .command("start")
    .description("run the daemon; without a configuration it guards the local twin")
    .option(
      "--config <file>",
      "the configuration (default: SIGNALMAN_CONFIG, else ./signalman.yaml)",
    )
    .action(async (options: { readonly config?: string }) => {
      const file = configFile(io, options.config);
      if (file !== null) return runConfigured(io, file);
      if (io.env["RAILWAY_ENVIRONMENT_ID"] !== undefined) {
        io.err(
          "No configuration: set SIGNALMAN_CONFIG or add signalman.yaml (on Railway the twin is not started).",
        );
        return io.exit(2);
      }
      return runTwin(io);
    });
}

function configFile(io: Io, option: string | undefined): string | null {
  const named = option ?? io.env["SIGNALMAN_CONFIG"];
  if (named !== undefined && named !== "") return resolve(io.cwd, named);
  const here = resolve(io.cwd, "signalman.yaml");
  return existsSync(here) ? here : null;
}

async function runConfigured(io: Io, file: string): Promise<void> {
  const config = await load(io, file, io.env);
  if (config === null) return;
  const log = createLog(io.env["LOG_LEVEL"] ?? "info");
  const app = await open(io, config, log);
  if (app === null) return;
  // Before anybody is told: who hears "guarding" may ask us to go at once.
  const stopped = untilSignal();
  log.info(
    {
      address: app.address,
      targets: config.targets.map((target) => target.name),
      source: config.source,
    },
    "guarding",
  );
  await stopped;
  await end(log, app);
}

/** The five-minute demo: a whole local Railway, guarded. */
async function runTwin(io: Io): Promise<void> {
  const stopped = untilSignal();
  const folder = resolve(io.cwd, TWIN_FOLDER);
  if (!(await clear(io, folder))) return;
  io.out(
    "No configuration, so I guard the local twin: a small Railway with an API and a PostgreSQL of its own. Starting it …",
  );
  const cancel = new AbortController();
  void stopped.then(() => cancel.abort());
  let twin: TwinProcess;
  try {
    twin = await startTwinProcess(cancel.signal);
  } catch (error) {
    if (cancel.signal.aborted) return;
    io.err(error instanceof Error ? error.message : String(error));
    return io.exit(1);
  }
  const env = { ...io.env, ...twin.env, SIGNALMAN_DATA: folder, PORT: io.env["PORT"] ?? "0" };
  const config = await load(io, twin.configFile, env);
  const app =
    config === null
      ? null
      : await open(io, config, createLog(io.env["LOG_LEVEL"] ?? "error"), narrate(io));
  if (app !== null) {
    io.out(welcome(twin, app));
    const isAsked = await Promise.race([stopped.then(() => true), twin.ended.then(() => false)]);
    if (!isAsked) io.err("The twin has ended, so there is nothing to guard.");
    await app.stop();
  }
  await twin.stop();
}

/** Books of an earlier demonstration tell of a twin that is gone; books somebody else is using are left alone. */
async function clear(io: Io, folder: string): Promise<boolean> {
  const opened = await openSqliteStore({ folder });
  if (opened.kind === "owned") {
    io.err(`Another Signalman guards a twin here already (${opened.detail}).`);
    io.exit(1);
    return false;
  }
  if (opened.kind === "open") await opened.store.close();
  rmSync(folder, { recursive: true, force: true });
  return true;
}

async function load(io: Io, file: string, env: Io["env"]): Promise<Config | null> {
  const loaded = await loadConfig(file, env);
  if (!loaded.ok) {
    io.err(explain(loaded.faults, file));
    io.exit(2);
    return null;
  }
  return loaded.config;
}

async function open(
  io: Io,
  config: Config,
  log: Log,
  onNotice?: (title: string, lines: readonly string[]) => void,
): Promise<App | null> {
  for (const warning of config.warnings) log.warn(warning);
  const opened = await openSqliteStore({
    folder: config.dataFolder,
    note: (text) => log.warn({ detail: text }, "samples were lost"),
    alarm: (text) => log.error({ detail: text }, "the heads of the journal are in doubt"),
  });
  if (opened.kind === "owned") {
    io.err(
      `Another Signalman uses the data folder ${config.dataFolder} (${opened.detail}); two would act twice, so this one ends.`,
    );
    io.exit(1);
    return null;
  }
  if (opened.kind === "failed") {
    io.err(`The journal cannot be opened, so nothing may be done: ${opened.problem.detail}`);
    await cryForHelp(config, opened.problem.detail);
    io.exit(1);
    return null;
  }
  return startApp({
    config,
    version: VERSION,
    store: opened.store,
    samples: opened.samples,
    clock: systemClock,
    log,
    metrics: createMetrics(),
    ...(onNotice === undefined
      ? {}
      : {
          wrapNotifier: (notifier) => ({
            kind: notifier.kind,
            send: async (notice, options) => {
              const sending = await notifier.send(notice, options);
              if (sending.kind === "delivered") onNotice(notice.title, notice.lines);
              return sending;
            },
          }),
        }),
  });
}

/** The one message that needs no journal. */
async function cryForHelp(config: Config, detail: string): Promise<void> {
  if (config.slack === null) return;
  const slack = createSlack({ webhook: config.slack.webhook, clock: systemClock });
  const pause = readPause(config.dataFolder, config.paused, Date.now());
  await slack.send(
    {
      id: "direct!0" as never,
      incident: null,
      kind: "store-failed",
      at: Date.now(),
      title: "I cannot open my journal and guard nothing",
      lines: [
        detail,
        `Data folder: ${config.dataFolder}`,
        ...(pause === null ? [] : [`(Paused: ${pauseWords(pause)}.)`]),
      ],
    },
    { repeat: false, skipped: 0, signal: AbortSignal.timeout(5_000) },
  );
}

async function end(log: Log, app: App): Promise<void> {
  const faults = await app.stop();
  for (const fault of faults) log.error({ fault }, "something did not close");
  log.info("ended");
}

/** The first SIGTERM or SIGINT. A second one is left to the system, which ends the process at once. */
function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      process.off("SIGTERM", done);
      process.off("SIGINT", done);
      resolve();
    };
    process.once("SIGTERM", done);
    process.once("SIGINT", done);
  });
}

function narrate(io: Io): (title: string, lines: readonly string[]) => void {
  return (title, lines) => {
    io.out(`\n[${new Date().toISOString().slice(11, 19)}] Slack: ${title}`);
    for (const line of lines) io.out(`             ${line}`);
  };
}

function welcome(twin: TwinProcess, app: App): string {
  return [
    "",
    "Guarding. To look at:",
    `  the guarded API     ${twin.api}/health   ${twin.api}/trades`,
    `  the twin's state    ${twin.platform}/twin/state   Slack: ${twin.platform}/slack/messages`,
    `  Signalman           ${app.address}/readyz   ${app.address}/metrics`,
    "",
    "Break something, in another terminal:",
    `  curl -X POST ${twin.platform}/twin/faults -H 'content-type: application/json' -d '{"fault":"kill","service":"Postgres"}'`,
    "",
    "Then, with the id from the message:",
    "  npm run signalman -- incidents     npm run signalman -- why ID     npm run signalman -- report ID --format md",
    "",
    "Ctrl-C ends it and leaves nothing behind but the journal in .signalman/twin.",
  ].join("\n");
}
