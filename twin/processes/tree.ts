import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * Kills a process and everything below it with SIGKILL, children that were stopped included.
 * The root is stopped first, so that it cannot fork while the tree is being read.
 */
export function killTree(root: number): void {
  for (const pid of freezeTree(root)) send(pid, "SIGKILL");
}

/** Stops a whole process tree with SIGSTOP: alive, holding its sockets, answering nothing. */
export function pauseTree(root: number): void {
  freezeTree(root);
}

/** Lets a paused process tree go on. */
export function resumeTree(root: number): void {
  for (const pid of descendants(root).reverse()) send(pid, "SIGCONT");
  send(root, "SIGCONT");
}

/** Sends a signal; a process that is gone already is no error. Returns whether it was delivered. */
export function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Whether a process runs or is stopped; one that has ended and only waits to be collected does not count. */
export function isAlive(pid: number): boolean {
  if (!send(pid, 0)) return false;
  if (process.platform !== "linux") return true;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  } catch {
    return false;
  }
}

/** The ids of a process and of everything below it, parents before children. */
export function treeOf(root: number): number[] {
  return [root, ...descendants(root)];
}

function freezeTree(root: number): number[] {
  const stopped = new Set<number>();
  let found = [root];
  // A child may fork between being listed and being stopped: go on until nothing new turns up.
  while (found.length > 0) {
    for (const pid of found) {
      send(pid, "SIGSTOP");
      stopped.add(pid);
    }
    found = descendants(root).filter((pid) => !stopped.has(pid));
  }
  return [...stopped];
}

function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const [pid, parent] of parents()) {
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  const found: number[] = [];
  const open = [root];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    for (const child of children.get(pid) ?? []) {
      found.push(child);
      open.push(child);
    }
  }
  return found;
}

function parents(): [pid: number, parent: number][] {
  return process.platform === "linux" ? parentsFromProc() : parentsFromPs();
}

function parentsFromProc(): [number, number][] {
  const pairs: [number, number][] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      // The name may hold spaces and brackets: the fields start behind the last bracket.
      const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
      pairs.push([Number(entry), Number(parent)]);
    } catch {
      // It ended while we were reading.
    }
  }
  return pairs;
}

function parentsFromPs(): [number, number][] {
  const text = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  return text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid, parent]) => [pid ?? 0, parent ?? 0]);
}
