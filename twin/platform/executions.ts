import { randomUUID } from "node:crypto";
import { createTimeline, type Timeline } from "./timeline.ts";

export type Execution = {
  id: string;
  deploymentId: string;
  status: string;
  createdAt: number;
  updatedAt: number;
  completedAt: number | null;
};

const KEPT = 100;
const OVER = ["CRASHED", "EXITED", "STOPPED", "REMOVED"];

/** The runs of a service's processes, newest first: each start of each replica is a row. */
export type Executions = {
  readonly timeline: Timeline<Execution[]>;
  /** A process begins; returns the row's id. */
  begin(deploymentId: string): string;
  mark(id: string, status: string): void;
};

/** Opens an empty book. */
export function createExecutions(at: number): Executions {
  const timeline = createTimeline<Execution[]>([], at);
  return {
    timeline,
    begin(deploymentId) {
      const now = Date.now();
      const row = {
        id: randomUUID(),
        deploymentId,
        status: "INITIALIZING",
        createdAt: now,
        updatedAt: now,
        completedAt: null,
      };
      timeline.record([row, ...timeline.current].slice(0, KEPT), now);
      return row.id;
    },
    mark(id, status) {
      const now = Date.now();
      const completedAt = OVER.includes(status) ? now : null;
      const marked = (row: Execution) =>
        row.id === id ? { ...row, status, updatedAt: now, completedAt } : row;
      timeline.record(timeline.current.map(marked), now);
    },
  };
}
