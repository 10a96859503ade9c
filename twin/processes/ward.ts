import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { killTree, pauseTree, resumeTree } from "./tree.ts";

/** A process to be run under a guardian. */
export type Ward = {
  command: string;
  args: string[];
  env: Record<string, string>;
  /** Where its output goes; what it writes to standard error goes beside it, into `<log>.err`. */
  log: string;
  /** Its run folder, removed when the twin dies without stopping it. */
  folder: string;
  /** The signal on which it ends at once and in order. */
  stopSignal: NodeJS.Signals;
  uid?: number;
  gid?: number;
};

export type Exit = { code: number | null; signal: string | null };

/** A running process of the twin. `exited` resolves once, whatever ended it. */
export type RunningWard = {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  kill(): void;
  pause(): void;
  resume(): void;
  /** Ends it in order, by force after a second; resolves when it is gone. */
  stop(): Promise<void>;
};

/** What every child gets of our environment: where programs are, and where what was compiled is kept. */
export function childEnv(): Record<string, string> {
  const { PATH = "", NODE_COMPILE_CACHE } = process.env;
  return NODE_COMPILE_CACHE === undefined ? { PATH } : { PATH, NODE_COMPILE_CACHE };
}

/** Starts a process under a guardian that kills its whole tree when this process dies. Throws when it cannot be started. */
export async function startWard(ward: Ward): Promise<RunningWard> {
  const program = join(import.meta.dirname, "guardian.ts");
  // Its own session: neither Ctrl-C nor a kill of our process group may take the guardian before its ward.
  const guardian = spawn(process.execPath, [program, JSON.stringify(ward)], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
    env: childEnv(),
  });
  const exited = Promise.withResolvers<Exit>();
  const started = Promise.withResolvers<number>();
  let pid: number | undefined;
  guardian.on("error", started.reject);
  guardian.stdin.on("error", () => {});
  createInterface(guardian.stdout).on("line", (line) => {
    const report: { pid?: number; failed?: string; exit?: Exit } = JSON.parse(line);
    if (report.pid !== undefined) {
      pid = report.pid;
      started.resolve(report.pid);
    }
    if (report.failed !== undefined) started.reject(new Error(`${ward.command}: ${report.failed}`));
    if (report.exit !== undefined) exited.resolve(report.exit);
  });
  guardian.on("close", () => {
    // Only when the guardian itself was killed is its ward still there.
    if (pid !== undefined && guardian.exitCode !== 0) killTree(pid);
    started.reject(new Error(`The guardian of ${ward.command} ended before it had started it.`));
    exited.resolve({ code: null, signal: "SIGKILL" });
  });
  const running = await started.promise;
  return {
    pid: running,
    exited: exited.promise,
    kill: () => killTree(running),
    pause: () => pauseTree(running),
    resume: () => resumeTree(running),
    async stop() {
      guardian.stdin.write("stop\n");
      await exited.promise;
    },
  };
}

/** The last lines of a ward's output, for an error message. */
export function lastLines(log: string, count = 15): string {
  const read = (file: string) => {
    try {
      return readFileSync(file, "utf8");
    } catch {
      return "";
    }
  };
  const lines = `${read(log)}\n${read(`${log}.err`)}`.trim().split("\n");
  return lines.slice(-count).join("\n") || "(no output)";
}
