import { randomUUID } from "node:crypto";
import type { Gate } from "../processes/gate.ts";
import type { Program } from "../processes/program.ts";
import type { Exit, RunningWard } from "../processes/ward.ts";
import { createTimeline, type Timeline } from "./timeline.ts";

export type Reported = { status: string; statusUpdatedAt: number };
export type Instance = { id: string; status: string };
export type Execution = {
  id: string;
  status: string;
  createdAt: number;
  updatedAt: number;
  completedAt: number | null;
  deploymentId: string;
};

/** What a service of the twin runs, and what surrounds its start. A service without it only exists on paper. */
export type Workload = { program: Program; gate: Gate };

/** One Railway service with its one deployment: the processes really run, and each change is recorded when it happens. */
export type RailwayService = {
  readonly name: string;
  readonly id: string;
  readonly instanceId: string;
  readonly deploymentId: string;
  readonly snapshotId: string;
  readonly createdAt: number;
  readonly status: Timeline<Reported>;
  readonly instances: Timeline<Instance[]>;
  readonly executions: Timeline<Execution[]>;
  readonly ward: RunningWard | undefined;
  readonly startedAt: number | undefined;
  readonly restarts: number;
  /** Where the output of its processes goes; undefined for a service on paper. */
  readonly log: string | undefined;
  /** Has a step taken at every start, when the new process answers and before clients reach it. */
  beforeOpen(step: () => Promise<void>): void;
  /** The first start. Throws when the process does not come up. */
  start(): Promise<void>;
  /** Ends the process and starts a new one; with `fails` the new one does not come up. Waits for a restart under way. */
  restart(fails: boolean): Promise<void>;
  /** A new deployment with a process of its own takes over; the old one is gone at once. */
  release(): Promise<void>;
  /** From now on the process dies so often and is started again by the platform, behind a deployment that looks well. */
  crash(everyMs: number): void;
  calm(): void;
  kill(): void;
  pause(): void;
  resume(): void;
  refuse(): Promise<void>;
  allow(): Promise<void>;
  stop(): Promise<void>;
};

/** Creates a service; its process starts with `start`. */
export function createService(name: string, workload: Workload | undefined): RailwayService {
  const createdAt = Date.now();
  const status = createTimeline<Reported>(
    { status: "DEPLOYING", statusUpdatedAt: createdAt },
    createdAt,
  );
  const instances = createTimeline<Instance[]>([], createdAt);
  const executions = createTimeline<Execution[]>([], createdAt);
  let ward: RunningWard | undefined;
  let startedAt: number | undefined;
  let restarts = 0;
  let prepare = async () => {};
  let isPaused = false;
  let deploymentId: string = randomUUID();
  let crashing: NodeJS.Timeout | undefined;
  let isRevived = false;
  let queue = Promise.resolve();
  const stopping = new AbortController();

  const report = (next: string) => {
    const now = Date.now();
    status.record({ status: next, statusUpdatedAt: now }, now);
  };
  /** Records a new state of the newest instance and of its execution. */
  const mark = (next: string) => {
    const now = Date.now();
    instances.record(
      instances.current.map((it) => ({ ...it, status: next })),
      now,
    );
    const [newest, ...older] = executions.current;
    if (newest === undefined) return;
    const completedAt = ["CRASHED", "EXITED", "STOPPED"].includes(next) ? now : null;
    executions.record([{ ...newest, status: next, updatedAt: now, completedAt }, ...older], now);
  };
  const begin = () => {
    const now = Date.now();
    instances.record([{ id: randomUUID(), status: "INITIALIZING" }], now);
    const row = { id: randomUUID(), status: "INITIALIZING", createdAt: now, updatedAt: now };
    const execution = { ...row, completedAt: null, deploymentId };
    executions.record([execution, ...executions.current].slice(0, 100), now);
  };
  const run = async () => {
    begin();
    if (workload !== undefined) {
      ward = await workload.program.start(stopping.signal);
      isPaused = false;
      startedAt = Date.now();
      const running = ward;
      void running.exited.then((exit) => ended(running, exit));
      await prepare();
      await workload.gate.open();
    }
    mark("RUNNING");
    report("SUCCESS");
  };
  const ended = (which: RunningWard, exit: Exit) => {
    // An end that was asked for has let go of the ward before.
    if (ward !== which) return;
    ward = undefined;
    isPaused = false;
    if (isRevived) {
      isRevived = false;
      mark("CRASHED");
      queue = queue.then(revive).catch(() => {});
      return;
    }
    void workload?.gate.shut();
    mark(exit.code === 0 ? "EXITED" : "CRASHED");
    report(exit.code === 0 ? "SUCCESS" : "CRASHED");
  };
  const revive = async () => {
    if (stopping.signal.aborted) return;
    await workload?.gate.shut();
    await workload?.program.sweep();
    await run();
  };
  const end = async () => {
    const ending = ward;
    ward = undefined;
    startedAt = undefined;
    if (ending !== undefined) {
      // A stopped process would have to be woken to end in order: the platform kills it instead.
      if (isPaused) ending.kill();
      await ending.stop();
    }
    await workload?.gate.shut();
    await workload?.program.sweep();
  };
  const replace = async (fails: boolean) => {
    if (stopping.signal.aborted) return;
    report("DEPLOYING");
    mark("RESTARTING");
    await end();
    mark("EXITED");
    restarts += 1;
    try {
      if (fails) begin();
      else await run();
    } catch {
      ward?.kill();
      ward = undefined;
      fails = true;
    }
    if (!fails) return;
    mark("CRASHED");
    report("CRASHED");
  };
  return {
    name,
    id: randomUUID(),
    instanceId: randomUUID(),
    get deploymentId() {
      return deploymentId;
    },
    log: workload?.program.log,
    snapshotId: randomUUID(),
    createdAt,
    status,
    instances,
    executions,
    get ward() {
      return ward;
    },
    get startedAt() {
      return startedAt;
    },
    get restarts() {
      return restarts;
    },
    beforeOpen(step) {
      prepare = step;
    },
    async start() {
      const started = run();
      queue = started.catch(() => {});
      await started;
      // Whoever finds the twin ready finds it as if it had run for long.
      for (const timeline of [status, instances, executions]) timeline.settle();
    },
    restart(fails) {
      queue = queue.then(() => replace(fails));
      return queue;
    },
    release() {
      queue = queue.then(async () => {
        if (stopping.signal.aborted) return;
        await end();
        mark("REMOVED");
        deploymentId = randomUUID();
        await run();
      });
      return queue;
    },
    crash(everyMs) {
      clearInterval(crashing);
      crashing = setInterval(() => {
        if (ward === undefined) return;
        isRevived = true;
        ward.kill();
      }, everyMs);
    },
    calm() {
      clearInterval(crashing);
      crashing = undefined;
    },
    kill: () => ward?.kill(),
    pause() {
      isPaused = true;
      ward?.pause();
    },
    resume() {
      isPaused = false;
      ward?.resume();
    },
    refuse: async () => workload?.gate.shut(),
    async allow() {
      if (ward !== undefined) await workload?.gate.open();
    },
    async stop() {
      stopping.abort();
      clearInterval(crashing);
      // A start under way gives up at once; whatever came up before that is ended here.
      await queue;
      await end();
    },
  };
}
