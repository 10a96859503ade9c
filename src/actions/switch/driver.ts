import type { Problem } from "../../domain/problem.ts";
import type { Instant } from "../../domain/time.ts";

/** What travels to the app (design §8) and what it reads back. */
export interface SwitchState {
  readonly value: boolean;
  readonly until: Instant;
  readonly leaseId: string;
  readonly seq: number;
  readonly message: string;
}

export type DriverResult =
  | { readonly kind: "done" }
  | { readonly kind: "refused"; readonly problem: Problem }
  | { readonly kind: "unclear"; readonly problem: Problem };

export type DriverRead =
  | { readonly kind: "read"; readonly state: SwitchState | null }
  | { readonly kind: "silent"; readonly problem: Problem };

/** One way to reach an app's switches. */
export interface Driver {
  readonly kind: string;
  /** It goes on telling the last order that it was given to whoever asks, so it must be given each of them. */
  readonly goesOnTelling?: true;
  set(
    wanted: SwitchState & { readonly switch: string },
    signal: AbortSignal,
  ): Promise<DriverResult>;
  read(name: string, signal: AbortSignal): Promise<DriverRead>;
}
