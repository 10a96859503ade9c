import type { Rules } from "../domain/rules.ts";
import type { Millis } from "../domain/time.ts";
import type { Source } from "../hooks/index.ts";
import type { ProbeKind } from "../probes/index.ts";
import type { Surroundings } from "./environment.ts";
import type { Detect } from "./detect.ts";
import type { ProbeSettings } from "./kinds.ts";
import type { Settings } from "./schema.ts";

export interface ProbeConfig {
  /** Unique within its target; part of the signal's key. */
  readonly name: string;
  readonly kind: ProbeKind;
  readonly everyMs: Millis;
  /** The interval while it fails, and until it is well again. */
  readonly retryEveryMs: Millis;
  readonly timeoutMs: Millis;
  readonly openAfter: number;
  readonly closeAfter: number;
  /** May hold a password. */
  readonly settings: ProbeSettings;
}

export interface TargetConfig {
  readonly name: string;
  /** Railway's name or id of it; null when Railway does not run it. */
  readonly service: string | null;
  readonly url: string | null;
  readonly needs: readonly string[];
  /** Minutes of the day in UTC in which what disturbs users is allowed. */
  readonly quiet: { readonly from: number; readonly to: number } | null;
  /** Requests in a quiet hour, as the operator expects them; only `check` reasons with it. */
  readonly requestsPerHour: number | null;
  /** Settings of detectors beside the shipped ones. */
  readonly detect: Detect;
  readonly probes: readonly ProbeConfig[];
}

/** One way to reach an app's switch. Holds a secret. */
export type DriverConfig = Settings["switches"][string]["drivers"][number];

/** By source: the secret that its senders know. A source that is not here is not listened to. */
export type HooksConfig = { readonly [source in Source]?: { readonly secret: string } | undefined };

export interface SwitchConfig {
  readonly name: string;
  readonly targets: readonly string[];
  readonly leaseMs: Millis;
  readonly renewMs: Millis;
  readonly drivers: readonly DriverConfig[];
}

/** Everything the daemon is told from outside: frozen plain data. Holds secrets; only `rules` does not. */
export interface Config extends Pick<
  Surroundings,
  "ownService" | "dataFolder" | "port" | "host" | "paused" | "tokens"
> {
  readonly rules: Rules;
  readonly targets: readonly TargetConfig[];
  readonly switches: readonly SwitchConfig[];
  /** Places that show whether our own network works; empty when nobody named any. */
  readonly places: readonly string[];
  readonly hooks: HooksConfig;
  readonly slack: { readonly webhook: string } | null;
  readonly railway: Pick<
    Surroundings,
    "endpoint" | "token" | "projectId" | "environmentId" | "statusUrl"
  > & { readonly plan: Settings["railway"]["plan"] };
  /** Lines for a person: what is allowed and probably not meant. */
  readonly warnings: readonly string[];
  readonly source: string;
}
