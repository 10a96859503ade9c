import { readdirSync, readFileSync } from "node:fs";

/** Processes whose environment or command line carries the mark; how a test finds what it left behind. */
export function processesMarked(mark: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter(
      (pid) =>
        pid !== process.pid &&
        (read(`/proc/${pid}/environ`).includes(mark) ||
          read(`/proc/${pid}/cmdline`).includes(mark)),
    );
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Whether a process of this id exists (a zombie counts as gone). */
export function isAlive(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  return stat !== "" && !/\) Z /.test(stat);
}
