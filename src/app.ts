import { createServer } from "./api/server.ts";
import { panelsFor } from "./config/panels.ts";
import { eventId } from "./domain/ids.ts";
import type { World } from "./domain/world.ts";
import { runAnnouncer } from "./engine/announcer.ts";
import { createBoard } from "./engine/board.ts";
import { createCallBook } from "./engine/calls.ts";
import { createDispatcher } from "./engine/dispatcher.ts";
import { runExecutor } from "./engine/executor.ts";
import { createHaste } from "./engine/haste.ts";
import { createHintDesk } from "./engine/hints.ts";
import { learnFrom } from "./engine/learning.ts";
import { createLifecycle } from "./engine/lifecycle.ts";
import { createBell } from "./engine/loop.ts";
import { absorb, runSampler } from "./engine/sampler.ts";
import { noticePause, runTimekeeper } from "./engine/timekeeper.ts";
import { orderDesk } from "./wiring/orders.ts";
import { readPause } from "./storage/pause-file.ts";
import { account, observer, storeTroubleTeller, unready } from "./wiring/accounts.ts";
import { openActions } from "./wiring/actions.ts";
import { notifierFor, openDrivers, openProbes, openRailway } from "./wiring/connections.ts";
import { pulseOf, watchDeadman } from "./wiring/deadman.ts";
import { hookParts, openedBy } from "./wiring/hooks.ts";
import type { AppParts } from "./wiring/parts.ts";
import { controlParts, leaveTargetNames } from "./wiring/control.ts";
import { doubtAbout, endLeases, identify, sweepOrphans } from "./wiring/upkeep.ts";

export interface App {
  /** Where `/healthz`, `/readyz` and `/metrics` are. */
  readonly address: string;
  world(): World;
  /** Ends within 5 s and leaves nothing behind; returns what did not close in time. */
  stop(): Promise<readonly string[]>;
}

const STOP_MS = 4_500;

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

  const { simulated } = parts;
  const pauseSource = simulated?.pauseSource ?? {
    read: () => readPause(config.dataFolder, config.paused, clock.now()),
  };
  const world = await store.load(signal);
  const board = createBoard(
    clock.now(),
    panelsFor(config.targets),
    (target) => config.rules.targets[target]?.needs ?? [],
  );
  const dispatcher = createDispatcher({
    store,
    rules: config.rules,
    start: world,
    facts: () => board.facts(),
    onTrouble: storeTroubleTeller(parts, notifier, () => pauseSource.read()),
    signal,
  });
  const haste = createHaste(clock);
  const calls = createCallBook({ dispatcher, clock, haste, onError });
  const onObservation = observer(parts);
  const desk = createHintDesk({
    dispatcher,
    haste,
    clock,
    signal,
    absorb: (seen) => absorb({ dispatcher, board, samples, clock, signal, onObservation }, seen),
    onError,
  });
  const orders = orderDesk(config.dataFolder, log, bell);
  const noticed = (): Promise<boolean> => noticePause({ dispatcher, pauseSource, clock });
  dispatcher.onCommit((entry) => {
    account(parts, dispatcher, entry);
    orders.note(entry);
    const opened = openedBy(entry);
    if (opened !== null) desk.recall(opened);
    bell.ring();
  });

  const railway = openRailway(parts, (text) => log.warn(text), lifecycle);
  const probes = openProbes(config, railway, calls, lifecycle, parts.wrapProbe);
  const leases = Object.values(world.leases);
  const { drivers, polls } = openDrivers(config, clock, lifecycle, leases, simulated?.agent);
  const actions = openActions({
    config,
    railway,
    probes,
    drivers,
    board,
    dispatcher,
    clock,
    samples: parts.samples,
  });
  const wrapped = Object.fromEntries(
    Object.entries(actions).map(([kind, action]) => [kind, (parts.wrapAction ?? same)(action)]),
  );

  const pulse = pulseOf(parts);
  const whyUnready = () => unready(dispatcher, board, probes);
  let address = "";
  if (simulated === undefined) {
    const server = createServer(
      whyUnready,
      metrics,
      hookParts(parts, desk, calls, onError),
      polls,
      controlParts(parts, dispatcher, orders, { ...pauseSource, notice: noticed }, onError),
    );
    leaveTargetNames(parts);
    await server.listen({ host: config.host, port: config.port });
    lifecycle.onStop("http server", () => server.close());
    address = server.listeningOrigin;
  }

  const learnt = await learnFrom(samples, board, signal);
  if (learnt > 0) log.info({ samples: learnt }, "detectors know what was recorded before");
  const at = clock.now();
  await dispatcher.dispatch({
    id: eventId("start", at, process.pid),
    at,
    cause: null,
    type: "start",
    version: parts.version,
    rules: config.rules,
    ...doubtAbout(config, world),
  });

  const loopParts = { dispatcher, clock, bell, signal, onError };
  const loops = [
    runSampler({
      ...loopParts,
      probes: probes.map(({ probe, rhythm }) => ({ probe, rhythm })),
      board,
      samples,
      haste,
      onObservation: (observation) => {
        pulse.mark("looks");
        if (railway !== null) metrics.railwayRemaining.set(railway.budget().remaining);
        onObservation(observation);
      },
    }),
    desk.run(),
    runTimekeeper({
      ...loopParts,
      onTurn: () => pulse.mark("timekeeper"),
      pauseSource,
      orderSource: simulated?.orderSource ?? orders,
    }),
    runExecutor({
      ...loopParts,
      onTurn: () => pulse.mark("executor"),
      isDraining: () => draining,
      actions: wrapped,
      noticePause: noticed,
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
    watchDeadman(parts, { dispatcher, pulse, unready: whyUnready, lifecycle, signal, onError }),
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
    address,
    world: () => dispatcher.world(),
    stop: () => lifecycle.stop(),
  };
}

function same<T>(value: T): T {
  return value;
}

function textOfError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
