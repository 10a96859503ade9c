import type { Instant } from "./time.ts";

/** What one independent path saw of a target: the evidence of a second look. */
export interface PathSeen {
  readonly path: string;
  /** `direct` asks the target itself over another connection; `dependant` asks an app that needs it. */
  readonly by: "direct" | "dependant";
  readonly saw: "up" | "down" | "unknown";
  readonly detail: string;
}

/** What the platform says of a target, as far as it could be read: the evidence of an inspection. */
export interface Inspection {
  readonly platform: "well" | "trouble" | "unknown";
  readonly deployment: { readonly status: string; readonly stopped: boolean } | null;
  /** A deployment on its way, if any. */
  readonly inFlight: string | null;
  readonly instances: readonly string[];
  readonly volume: { readonly state: string | null; readonly usedShare: number | null } | null;
  /** The last release: a deployment whose code differs from what was live before it. */
  readonly release?: {
    readonly deployment: string;
    readonly at: Instant;
    readonly isLive: boolean;
  };
  /** Error lines in the log of the last minutes, by class: `timeout`, `database`, `external-api`, `other`, and the operator's own. */
  readonly errors?: { readonly [name: string]: number };
}
