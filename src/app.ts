import { Agent } from "undici";

import { createInspect } from "./actions/inspect/index.ts";
import { createLook } from "./actions/look/index.ts";
import { createRestart } from "./actions/restart/index.ts";
import { createFinder, type ServiceFinder } from "./actions/service-finder.ts";
import { createControl } from "./actions/switch/control.ts";
import type { Driver } from "./actions/switch/driver.ts";
import { createSwitch } from "./actions/switch/index.ts";
import { createServer } from "./api/server.ts";
import type { Config } from "./config/config.ts";
import { DETECTORS } from "./detectors/index.ts";
import { eventId, type IncidentId, type LeaseId } from "./domain/ids.ts";
import type { Notice } from "./domain/notice.ts";
import type { Problem } from "./domain/problem.ts";
import { signalKey } from "./domain/sample.ts";
import type { Entry, World } from "./domain/world.ts";
import { runAnnouncer } from "./engine/announcer.ts";
import { createBoard, type Board, type Detector, type Rhythm } from "./engine/board.ts";
import { createDispatcher, type Dispatcher } from "./engine/dispatcher.ts";
import { runExecutor } from "./engine/executor.ts";
import { createLifecycle, type Lifecycle } from "./engine/lifecycle.ts";
import { createBell, withDeadline, type Bell } from "./engine/loop.ts";
import { runSampler } from "./engine/sampler.ts";
import { noticePause, runTimekeeper } from "./engine/timekeeper.ts";
import { createLogNotifier } from "./notifiers/log/index.ts";
import { createSlack } from "./notifiers/slack/index.ts";
import type { Action } from "./ports/action.ts";
import type { Clock } from "./ports/clock.ts";
import type { Notifier } from "./ports/notifier.ts";
import type { Probe } from "./ports/probe.ts";
import type { SampleStore, Store } from "./ports/store.ts";
import { createProbe } from "./probes/index.ts";
import { createRailway, type Railway } from "./railway/railway.ts";
import { readPause } from "./storage/pause-file.ts";
import type { Log } from "./telemetry/log.ts";
import type { Metrics } from "./telemetry/metrics.ts";

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

export interface App {
  /** Where `/healthz`, `/readyz` and `/metrics` are. */
  readonly address: string;
  world(): World;
  /** Ends within 5 s and leaves nothing behind; returns what did not close in time. */
  stop(): Promise<readonly string[]>;
}

const STOP_MS = 4_500;
const END_LEASES_MS = 2_500;
const SWEEP_EVERY_MS = 30_000;
const SWEEP_MS = 5_000;

/** Wires everything in one straight line and starts it. Nothing runs on import. */
export async function startApp(parts: AppParts): Promise<App> {
  const { config, clock, log, metrics, store, samples } = parts;
  const lifecycle = createLifecycle(STOP_MS);
  lifecycle.onStop("samples", () => samples.close());
  lifecycle.onStop("store", () => store.close());

  let draining = false;
  const stopping = new AbortController();
  const { signal } = stopping;
  const bell = createBell(clock);
  metrics.storeWritable.set(1);
  const notifier = (parts.wrapNotifier ?? same)(notifierFor(config, clock, log));
  const onError = (error: unknown): void =>
    log.error({ error: textOfError(error) }, "a loop met a bug and goes on");

  const world = await store.load(signal);
  const board = createBoard(clock.now(), detectorsFor(config));
  const dispatcher = createDispatcher({
    store,
    rules: config.rules,
    start: world,
    facts: () => ({ watchingSince: board.since, signals: board.facts() }),
    onTrouble: (problem) => onStoreTrouble(parts, notifier, problem),
    signal,
  });
  dispatcher.onCommit((entry) => {
    account(parts, dispatcher, entry);
    bell.ring();
  });

  const probes = openProbes(config, lifecycle);
  const railway = openRailway(parts, lifecycle);
  const drivers = openDrivers(config, clock, lifecycle);
  const actions = createActions({ config, railway, probes, drivers, board, dispatcher });
  const wrapped = Object.fromEntries(
    Object.entries(actions).map(([kind, action]) => [kind, (parts.wrapAction ?? same)(action)]),
  );

  const server = createServer(() => unready(dispatcher, board, probes), metrics);
  await server.listen({ host: config.host, port: config.port });
  lifecycle.onStop("http server", () => server.close());

  const at = clock.now();
  await dispatcher.dispatch({
    id: eventId("start", at, process.pid),
    at,
    cause: null,
    type: "start",
    version: parts.version,
  });

  const pauseSource = { read: () => readPause(config.dataFolder, config.paused) };
  const loopParts = { dispatcher, clock, bell, signal, onError };
  const loops = [
    runSampler({
      ...loopParts,
      probes: probes.map(({ probe, rhythm }) => ({ probe, rhythm })),
      board,
      samples,
      onSample: (sample) => {
        if (railway !== null) metrics.railwayRemaining.set(railway.budget().remaining);
        metrics.samples.inc({
          target: sample.target,
          probe: sample.probe,
          result: sample.value === null ? "unknown" : sample.value === 1 ? "up" : "down",
        });
      },
    }),
    runTimekeeper({ ...loopParts, pauseSource }),
    runExecutor({
      ...loopParts,
      isDraining: () => draining,
      actions: wrapped,
      noticePause: () => noticePause({ dispatcher, pauseSource, clock }),
    }),
    runAnnouncer({
      ...loopParts,
      store,
      notifier,
      onSent: (delivery, problem) => {
        metrics.notices.inc({ state: delivery.state });
        if (problem !== null)
          log.warn(
            { code: problem.code, detail: problem.detail, notice: delivery.notice.id },
            "a notice was not delivered",
          );
        else
          log.info(
            { notice: delivery.notice.id, title: delivery.notice.title },
            "people were told",
          );
      },
    }),
    sweepOrphans(parts, dispatcher, drivers, signal),
    identify(parts, railway, signal),
  ];
  lifecycle.onStop("loops", async () => {
    stopping.abort();
    await Promise.all(loops);
  });
  lifecycle.onStop("leases", async () => {
    draining = true;
    await endLeases(clock, dispatcher, signal);
  });

  return {
    address: server.listeningOrigin,
    world: () => dispatcher.world(),
    stop: () => lifecycle.stop(),
  };
}

/** A daemon that goes leaves no switch behind: nobody would renew it. What does not end in time ends by itself. */
async function endLeases(clock: Clock, dispatcher: Dispatcher, signal: AbortSignal): Promise<void> {
  const isOn = (): boolean =>
    Object.values(dispatcher.world().leases).some((lease) => lease.state !== "ended");
  if (!isOn()) return;
  const at = clock.now();
  await dispatcher.dispatch({
    id: eventId("stop", at, process.pid),
    at,
    cause: null,
    type: "stop",
  });
  while (isOn() && clock.now() < at + END_LEASES_MS) await clock.until(clock.now() + 20, signal);
}

function same<T>(value: T): T {
  return value;
}

interface OpenProbe {
  readonly probe: Probe;
  /** It reads what the target says of itself, not only that it answers. */
  readonly saysItself: boolean;
  readonly rhythm: Rhythm;
}

function openProbes(config: Config, lifecycle: Lifecycle): readonly OpenProbe[] {
  return config.targets.flatMap((target) =>
    target.probes.map((settings) => {
      const probe = createProbe(settings.kind, {
        target: target.name,
        name: settings.name,
        config: settings.settings,
        ...(target.url === null ? {} : { baseUrl: target.url }),
      });
      lifecycle.onStop(`probe ${target.name} ${settings.name}`, () => probe.close());
      const saysItself =
        settings.settings.kind === "http" && settings.settings.expect?.json !== undefined;
      const rhythm = { everyMs: settings.everyMs, retryEveryMs: settings.retryEveryMs };
      return { probe, saysItself, rhythm };
    }),
  );
}

/** Each probe's own thresholds; the rest of the detector's settings are shipped defaults. */
function detectorsFor(config: Config): (key: string) => Detector {
  const settings = new Map(
    config.targets.flatMap((target) =>
      target.probes.map((probe) => [
        signalKey({ target: target.name, probe: probe.name, name: "up" }),
        {
          ...DETECTORS.consecutive.defaults,
          openAfter: probe.openAfter,
          closeAfter: probe.closeAfter,
        },
      ]),
    ),
  );
  return (key) => {
    let state = DETECTORS.consecutive.start;
    return (sample) => {
      const judged = DETECTORS.consecutive.judge(
        state,
        sample,
        settings.get(key) ?? DETECTORS.consecutive.defaults,
      );
      state = judged.state;
      return judged.verdict;
    };
  };
}

function openRailway(parts: AppParts, lifecycle: Lifecycle): Railway | null {
  const { railway } = parts.config;
  if (railway.token === null || railway.projectId === null || railway.environmentId === null)
    return null;
  const client = createRailway({
    endpoint: railway.endpoint,
    token: railway.token,
    projectId: railway.projectId,
    environmentId: railway.environmentId,
    plan: railway.plan,
    statusUrl: railway.statusUrl,
    clock: parts.clock,
    userAgent: `signalman/${parts.version}`,
  });
  lifecycle.onStop("railway client", () => client.close());
  return client;
}

function openDrivers(
  config: Config,
  clock: Clock,
  lifecycle: Lifecycle,
): { readonly [name: string]: readonly Driver[] } {
  const agent = new Agent({
    connect: { timeout: 3_000 },
    headersTimeout: 5_000,
    bodyTimeout: 5_000,
  });
  lifecycle.onStop("switch connections", () => agent.destroy());
  return Object.fromEntries(
    config.switches.map((one) => [
      one.name,
      one.drivers.map((driver) =>
        createControl({ url: driver.url, secret: driver.secret, clock, agent }),
      ),
    ]),
  );
}

function createActions(of: {
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
          .map(({ probe }) => probe)
          .filter(
            (probe) => probe.target === attempt.target && isOther(probe, opener(attempt.incident)),
          ),
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

function notifierFor(config: Config, clock: Clock, log: Log): Notifier {
  if (config.slack !== null) return createSlack({ webhook: config.slack.webhook, clock });
  return createLogNotifier((title, lines) => log.warn({ lines }, title));
}

/** Numbers and log lines for each entry of the journal. */
function account(parts: AppParts, dispatcher: Dispatcher, entry: Entry): void {
  const { metrics, log } = parts;
  metrics.decisions.inc({ event: entry.event.type });
  for (const change of entry.decision.changes) {
    if (change.table === "attempts")
      metrics.attempts.inc({ action: change.row.action, state: change.row.state });
  }
  const world = dispatcher.world();
  metrics.openIncidents.set(
    Object.values(world.incidents).filter((incident) => incident.closedAt === null).length,
  );
  metrics.paused.set(world.marks.pause === undefined || world.marks.pause === null ? 0 : 1);
  for (const reason of entry.decision.reasons) {
    if (reason.code === "ignored") continue;
    log.info(
      {
        incident: entry.decision.incident,
        seq: entry.seq,
        code: reason.code,
        attempt: reason.attempt,
        reason: reason.text,
      },
      "decided",
    );
  }
}

/** The journal cannot be written, or can be again: the one thing that is told past the journal. */
function onStoreTrouble(parts: AppParts, notifier: Notifier, problem: Problem | null): void {
  parts.metrics.storeWritable.set(problem === null ? 1 : 0);
  if (problem === null) {
    parts.log.info("the journal can be written again");
    return;
  }
  parts.log.error(
    { code: problem.code, detail: problem.detail },
    "the journal cannot be written: nothing is done until it can",
  );
  const notice: Notice = {
    id: `direct!${parts.clock.now()}` as Notice["id"],
    incident: null,
    kind: "store-failed",
    at: parts.clock.now(),
    title: "I cannot write my journal and do nothing until I can",
    lines: [
      problem.detail,
      `Data folder: ${parts.config.dataFolder}. Is the disk full or read-only?`,
    ],
  };
  void notifier
    .send(notice, { repeat: false, skipped: 0, signal: AbortSignal.timeout(10_000) })
    .then((sending) => {
      if (sending.kind !== "delivered")
        parts.log.error(
          { code: sending.problem.code },
          "nobody could be told that the journal cannot be written",
        );
    });
}

function unready(
  dispatcher: Dispatcher,
  board: Board,
  probes: readonly OpenProbe[],
): readonly string[] {
  const trouble = dispatcher.trouble();
  const seen = board.facts();
  const unseen = probes
    .map(({ probe }) => signalKey({ target: probe.target, probe: probe.name, name: "up" }))
    .filter((key) => seen[key] === undefined);
  return [
    ...(trouble === null ? [] : [`store: ${trouble.detail}`]),
    ...unseen.map((key) => `not yet looked at: ${key}`),
  ];
}

/** Switches of ours that are on at the app and that no open incident holds are switched off; read until each was read once. */
async function sweepOrphans(
  parts: AppParts,
  dispatcher: Dispatcher,
  drivers: { readonly [name: string]: readonly Driver[] },
  signal: AbortSignal,
): Promise<void> {
  const left = new Map(Object.entries(drivers));
  while (left.size > 0 && !signal.aborted) {
    for (const [name, candidates] of left) {
      for (const driver of candidates) {
        const read = await driver.read(name, withDeadline(signal, SWEEP_MS));
        if (read.kind !== "read") continue;
        left.delete(name);
        if (read.state === null || !read.state.value) break;
        const at = parts.clock.now();
        await dispatcher.dispatch({
          id: eventId("orphan", name, read.state.seq, at),
          at,
          cause: null,
          type: "orphan",
          lease: read.state.leaseId as LeaseId,
          switch: name,
          seq: read.state.seq,
          until: read.state.until,
        });
        break;
      }
    }
    if (left.size === 0) return;
    try {
      await parts.clock.until(parts.clock.now() + SWEEP_EVERY_MS, signal);
    } catch {
      return;
    }
  }
}

/** Says in the log who the token is. Acting does not depend on it: each act reads with the token first. */
async function identify(
  parts: AppParts,
  railway: Railway | null,
  signal: AbortSignal,
): Promise<void> {
  if (railway === null) {
    parts.log.warn(
      "no Railway token, project or environment: I watch and tell, and cannot act on the platform",
    );
    return;
  }
  const identity = await railway.identify({
    signal: withDeadline(signal, SWEEP_MS),
    purpose: "look",
  });
  if (signal.aborted) return;
  if (identity.ok)
    parts.log.info(
      { identity: identity.value.label, kind: identity.value.kind },
      "Railway knows the token",
    );
  else
    parts.log.error(
      { code: identity.problem.code, detail: identity.problem.detail },
      "Railway does not confirm the token",
    );
}

function textOfError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

export type { Bell };
