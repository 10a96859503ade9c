import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** What the process said of an opening or a commit. */
export interface Said {
  readonly kind: string;
  readonly seq?: number;
  readonly pid?: number;
  readonly detail?: string;
  readonly problem?: { readonly code: string; readonly detail: string };
}

/** A process that owns a store: see `store.child.ts`. */
export interface StoreProcess {
  readonly pid: number;
  /** The next line it says; rejects when it ended or said nothing within ten seconds. */
  next(): Promise<Said>;
  tell(command: "commit" | "loop" | "samples"): void;
  /** Kills it with SIGKILL and gives every line that it had said and nobody had read. */
  kill(): Promise<readonly Said[]>;
}

const WAIT_MS = 10_000;

/** Starts a process on this folder, as another user where one is given. */
export function startStoreProcess(folder: string, user?: number): StoreProcess {
  const program = fileURLToPath(new URL("store.child.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    [program, folder, ...(user === undefined ? [] : [`${user}`])],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Said | null> => {
    const line = await lines.next();
    return line.done === true ? null : (JSON.parse(line.value) as Said);
  };
  return {
    pid: pidOf(child),
    next: async () => {
      const said = await within(next());
      if (said === null) throw new Error("the process has ended");
      return said;
    },
    tell: (command) => child.stdin.write(`${command}\n`),
    kill: async () => {
      const ended =
        child.exitCode !== null || child.signalCode !== null ? null : once(child, "exit");
      child.kill("SIGKILL");
      await within(ended);
      const rest: Said[] = [];
      for (let said = await next(); said !== null; said = await next()) rest.push(said);
      return rest;
    },
  };
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error("the process did not start");
  return child.pid;
}

async function within<Value>(promise: Promise<Value> | null): Promise<Value | null> {
  const late = AbortSignal.timeout(WAIT_MS);
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  late.addEventListener("abort", () => reject(new Error(`nothing within ${WAIT_MS} ms`)));
  return await Promise.race([promise, tooLate]);
}
