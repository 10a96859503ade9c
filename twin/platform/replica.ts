import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Program } from "../processes/program.ts";
import type { Exit, RunningWard } from "../processes/ward.ts";
import type { Executions } from "./executions.ts";
import type { Settings } from "./release.ts";

export type Instance = { id: string; status: string };

/** One instance of a deployment: a process, or on paper only where the service runs nothing. */
export type Replica = {
  readonly region: string;
  readonly instance: Instance;
  readonly ward: RunningWard | undefined;
  readonly startedAt: number | undefined;
  /** Why the last start on request failed. */
  readonly failure: unknown;
  /** Where its output goes; undefined on paper. */
  readonly log: string | undefined;
  /** Where it takes connections; undefined while it does not. */
  readonly socketPath: string | undefined;
  /** Starts it as a new instance. Returns whether it came up; one that did not may try again by its policy. */
  start(): Promise<boolean>;
  /** An instance that was made and whose process never came up. */
  fail(): void;
  /** Ends the process on request; `last` is the status it leaves. */
  end(last: string): Promise<void>;
  /** Tells a status without a change of the process. */
  mark(status: string): void;
  kill(): void;
  pause(): void;
  resume(): void;
};

export type ReplicaParts = {
  deploymentId: string;
  region: string;
  /** A program of its own: two replicas share no socket. */
  program: Program | undefined;
  settings: Settings;
  backoffMs: () => number;
  executions: Executions;
  /** Called when the process answers, before clients reach it. */
  beforeOpen: () => Promise<void>;
  isRevived: () => boolean;
  /** Called after each change of the instance. */
  changed: () => void;
  stopping: AbortSignal;
};

/** A replica that is not started yet. */
export function createReplica(parts: ReplicaParts): Replica {
  const { program, settings, executions, changed, stopping } = parts;
  let instance: Instance = { id: randomUUID(), status: "CREATED" };
  let ward: RunningWard | undefined;
  let startedAt: number | undefined;
  let isOpen = false;
  /** Whether a process ran since the last sweep. What the next deployment's process holds must not be swept. */
  let isUsed = false;
  let isPaused = false;
  let crashes = 0;
  let failure: unknown;
  let row = "";
  /** Raised by each start and end on request, so that a restart by policy that comes too late is dropped. */
  let generation = 0;

  const mark = (status: string) => {
    instance = { ...instance, status };
    if (row !== "") executions.mark(row, status);
    changed();
  };
  const begin = () => {
    row = executions.begin(parts.deploymentId);
    mark("INITIALIZING");
  };
  const run = async () => {
    const mine = generation;
    begin();
    if (program !== undefined) {
      isUsed = true;
      const running = await program.start(stopping);
      if (mine !== generation) {
        running.kill();
        throw new Error("It was ended while it started.");
      }
      ward = running;
      isPaused = false;
      startedAt = Date.now();
      void running.exited.then((exit) => ended(running, exit));
      await parts.beforeOpen();
      if (ward !== running) throw new Error("It ended while it started.");
    }
    isOpen = true;
    mark("RUNNING");
  };
  const ended = (which: RunningWard, exit: Exit) => {
    // An end that was asked for has let go of the ward before.
    if (ward !== which) return;
    forget();
    const isAgain = settings.restartPolicyType === "ALWAYS";
    if (exit.code === 0 && !isAgain) mark("EXITED");
    else void crashed();
  };
  const forget = () => {
    ward = undefined;
    isOpen = false;
    isPaused = false;
  };
  /** Starts it again as the policy says, until it stays or the retries are used up. */
  const crashed = async (): Promise<void> => {
    crashes += 1;
    const isOver =
      settings.restartPolicyType === "NEVER" ||
      (settings.restartPolicyType === "ON_FAILURE" && crashes > settings.restartPolicyMaxRetries);
    if ((isOver && !parts.isRevived()) || program === undefined) return mark("CRASHED");
    const mine = generation;
    mark("RESTARTING");
    await pause(parts.backoffMs(), undefined, { ref: false });
    if (mine !== generation || stopping.aborted) return;
    await run().catch(() => {
      if (mine !== generation) return;
      forget();
      return crashed();
    });
  };
  return {
    region: parts.region,
    log: program?.log,
    get instance() {
      return instance;
    },
    get ward() {
      return ward;
    },
    get startedAt() {
      return startedAt;
    },
    get failure() {
      return failure;
    },
    get socketPath() {
      return isOpen ? program?.socketPath : undefined;
    },
    async start() {
      generation += 1;
      crashes = 0;
      instance = { id: randomUUID(), status: "CREATED" };
      const mine = generation;
      try {
        await run();
        return true;
      } catch (error) {
        failure = error;
        if (mine !== generation || stopping.aborted) return false;
        ward?.kill();
        forget();
        void crashed();
        return false;
      }
    },
    fail() {
      generation += 1;
      instance = { id: randomUUID(), status: "CREATED" };
      begin();
      mark("CRASHED");
    },
    async end(last) {
      generation += 1;
      const ending = ward;
      const wasPaused = isPaused;
      forget();
      startedAt = undefined;
      changed();
      if (ending !== undefined) {
        // A stopped process would have to be woken to end in order: the platform kills it instead.
        if (wasPaused) ending.kill();
        await ending.stop();
      }
      if (isUsed) await program?.sweep();
      isUsed = false;
      mark(last);
    },
    mark,
    kill: () => ward?.kill(),
    pause() {
      isPaused = true;
      ward?.pause();
    },
    resume() {
      isPaused = false;
      ward?.resume();
    },
  };
}
