/**
 * The guardian: a tiny program between the twin and one of its processes. Its standard input is a pipe from the twin.
 * When the pipe ends the twin is dead, and the guardian takes the whole process tree along, even one that was stopped.
 * Neither PostgreSQL nor Redis can watch a parent, and a stopped process can watch nothing.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, rmdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { killTree, resumeTree, send } from "./tree.ts";
import type { Ward } from "./ward.ts";

/** How long a process may take to end by itself before its tree is killed. */
const GRACE_MS = 700;

// The twin's terminal sends Ctrl-C to everybody: only the pipe decides here.
process.on("SIGINT", ignore);
process.on("SIGTERM", ignore);
guard(JSON.parse(process.argv[2] ?? "{}"));

function guard(ward: Ward): void {
  const log = openSync(ward.log, "a");
  const errors = openSync(`${ward.log}.err`, "a");
  // The child gets a pipe of its own as input: it ends when the guardian itself is killed.
  const child = spawn(ward.command, ward.args, {
    stdio: ["pipe", log, errors],
    env: ward.env,
    ...(ward.uid === undefined ? {} : { uid: ward.uid, gid: ward.gid ?? ward.uid }),
  });
  closeSync(log);
  closeSync(errors);
  child.on("error", (error) => {
    report({ failed: error.message });
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    report({ exit: { code, signal } });
    process.exit(0);
  });
  child.stdin?.on("error", ignore);
  if (child.pid !== undefined) report({ pid: child.pid });
  listen(child, ward);
}

function listen(child: ChildProcess, ward: Ward): void {
  let asked = false;
  process.stdin.on("data", (chunk: Buffer) => {
    if (asked || !chunk.toString().includes("stop")) return;
    asked = true;
    end(child, ward);
  });
  process.stdin.on("error", ignore);
  process.stdin.on("close", () => {
    child.removeAllListeners("exit");
    child.on("exit", () => {
      if (!asked) sweep(ward.folder);
      process.exit(0);
    });
    if (!asked) end(child, ward);
  });
}

function end(child: ChildProcess, ward: Ward): void {
  const { pid } = child;
  if (pid === undefined) process.exit(1);
  resumeTree(pid);
  // A process that ends on its own signal gives back what a kill would leave behind (shared memory).
  send(pid, ward.stopSignal);
  setTimeout(() => killTree(pid), GRACE_MS);
}

/** Removes this process's folder, and the twin's own once the last guardian has emptied it. */
function sweep(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    rmdirSync(dirname(folder));
  } catch {
    // Another guardian is still at work in there: the last one removes it.
  }
}

function report(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`, ignore);
}

function ignore(): void {}

process.stdout.on("error", ignore);
