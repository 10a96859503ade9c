import type { RunningWard } from "./ward.ts";

/** What a service of the twin runs: started as often as the platform likes, always behind the same Unix socket. */
export type Program = {
  readonly socketPath: string;
  /** Where its output goes (see `Ward`). */
  readonly log: string;
  /** Starts a process and resolves when it answers. Throws, and leaves nothing, when it does not or when aborted. */
  start(signal: AbortSignal): Promise<RunningWard>;
  /** Removes what a killed process leaves in the system, after its end. */
  sweep(): Promise<void>;
};
