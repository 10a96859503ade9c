import type { Call } from "../domain/call.ts";
import type { Instant } from "../domain/time.ts";

/** What has called in from outside. */
export interface Calls {
  /** Since when this process could be called: a call before that may have been missed. */
  readonly since: Instant;
  /** The last call for this probe of this target, also one of an earlier process. */
  last(target: string, probe: string): Call | null;
}
