import { readFileSync } from "node:fs";
import { treeOf } from "../processes/tree.ts";
import { replicasOf, type RailwayService } from "./railway-service.ts";

/** What one instance used in one moment, as its processes really do. */
export type Measured = {
  at: number;
  serviceId: string;
  deploymentId: string;
  instanceId: string;
  memoryGb: number;
  /** vCPU since the measurement before. */
  cpu: number;
};

export type Meters = {
  readonly measured: readonly Measured[];
  stop(): void;
};

/** The container's limits, as the platform shows them. */
export const MEMORY_LIMIT_GB = 0.5;
export const CPU_LIMIT = 2;

const EVERY_MS = 500;
const KEPT_MS = 900_000;
const PAGE_BYTES = 4_096;
const TICKS_PER_SECOND = 100;

/** Measures every service's processes twice a second out of /proc; where there is none, nothing is ever measured. */
export function startMeters(services: readonly RailwayService[], isOff: () => boolean): Meters {
  const measured: Measured[] = [];
  const before = new Map<number, { at: number; ticks: number }>();
  const measure = () => {
    const at = Date.now();
    while ((measured[0]?.at ?? at) < at - KEPT_MS) measured.shift();
    if (isOff()) return;
    for (const { service, deployment, replica } of replicasOf(services)) {
      const pid = replica.ward?.pid;
      if (pid === undefined) continue;
      const used = treeOf(pid).flatMap(usedBy);
      if (used.length === 0) continue;
      const ticks = used.reduce((sum, it) => sum + it.ticks, 0);
      const last = before.get(pid);
      before.set(pid, { at, ticks });
      const seconds = last === undefined ? 0 : (at - last.at) / 1_000;
      measured.push({
        at,
        serviceId: service.id,
        deploymentId: deployment.id,
        instanceId: replica.instance.id,
        memoryGb: used.reduce((sum, it) => sum + it.bytes, 0) / 1e9,
        // A child that ended takes its ticks along.
        cpu:
          seconds > 0 ? Math.max(0, (ticks - (last?.ticks ?? 0)) / TICKS_PER_SECOND / seconds) : 0,
      });
    }
  };
  const timer = setInterval(measure, EVERY_MS);
  return { measured, stop: () => clearInterval(timer) };
}

function usedBy(pid: number): { bytes: number; ticks: number }[] {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name may hold spaces and brackets: the fields start behind the last bracket.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return [{ bytes: pages * PAGE_BYTES, ticks: Number(fields[11]) + Number(fields[12]) }];
  } catch {
    return [];
  }
}
