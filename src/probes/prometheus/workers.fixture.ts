// For tests: an app of several processes behind one address, each with counts and a start of its own.

/** How the processes can be told apart on their pages. */
export type Marking =
  | "start"
  /** All started within the same second, and the page shows no fractions. */
  | "same start"
  | "same start and pid"
  | "nothing"
  /** Each has its own start, and all show the counts of all (a shared store). */
  | "shared counts"
  /** One page counts for all; when a process ends its counts are missing (a cluster's aggregated page). */
  | "one page";

export interface Worker {
  readonly pid: number;
  readonly start: number;
  readonly ok: Counted;
  readonly bad: Counted;
  /** Grows with the work done. */
  cpu: number;
}

interface Counted {
  count: number;
}

export interface Crew {
  readonly workers: readonly Worker[];
  /** What really happened since the beginning. */
  readonly truth: { requests: number; failed: number };
  /** Some requests, each to a random worker. */
  work(requests: number, failures: number): void;
  restart(): void;
  /** The page of whichever worker answers. */
  page(): string;
}

export function createCrew(options: {
  readonly size: number;
  readonly marking: Marking;
  readonly random: () => number;
  /** Whether every page also shows how much processor time its process used. */
  readonly showsCpu: boolean;
}): Crew {
  const { size, marking, random } = options;
  const int = (below: number) => Math.floor(random() * below);
  let pids = 100;
  const born = (past: number): Worker => {
    pids += 1;
    return {
      pid: pids,
      start: marking.startsWith("same") ? 1_700_000_000 : 1_700_000_000 + pids + random(),
      ok: { count: past === 0 ? 0 : int(past) },
      bad: { count: past === 0 ? 0 : int(past / 10) },
      cpu: past === 0 ? 0 : random() * 100,
    };
  };
  const workers = Array.from({ length: size }, () => born(random() < 0.3 ? 0 : 5_000));
  const truth = { requests: 0, failed: 0 };
  const any = (): Worker => workers[int(size)] ?? born(0);
  return {
    workers,
    truth,
    work(requests, failures) {
      for (let number = 0; number < requests; number += 1) {
        const worker = any();
        const isBad = number < failures;
        worker[isBad ? "bad" : "ok"].count += 1;
        worker.cpu += 0.001;
        truth.requests += 1;
        truth.failed += isBad ? 1 : 0;
      }
    },
    restart() {
      workers[int(size)] = born(0);
    },
    page() {
      const worker = any();
      worker.cpu += 0.0001;
      return pageOf(worker, workers, marking, options.showsCpu);
    },
  };
}

function pageOf(
  worker: Worker,
  workers: readonly Worker[],
  marking: Marking,
  showsCpu: boolean,
): string {
  const isCommon = marking === "shared counts" || marking === "one page";
  const sum = (name: "ok" | "bad") =>
    isCommon ? workers.reduce((all, one) => all + one[name].count, 0) : worker[name].count;
  const pid = marking === "same start and pid" ? `,pid="${worker.pid}"` : "";
  const lines = [
    "# TYPE http_requests_total counter",
    `http_requests_total{handler="/trades",status="2xx"${pid}} ${sum("ok")}`,
  ];
  // A status that never came has no line.
  if (sum("bad") > 0)
    lines.push(`http_requests_total{handler="/trades",status="5xx"${pid}} ${sum("bad")}`);
  if (marking !== "nothing" && marking !== "one page")
    lines.push(`process_start_time_seconds ${worker.start}`);
  if (showsCpu && !isCommon) lines.push(`process_cpu_seconds_total ${worker.cpu}`);
  return `${lines.join("\n")}\n`;
}
