import type { Rules } from "../domain/rules.ts";
import type { DayWindow, Millis } from "../domain/time.ts";
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
  /** When users are few, so that what can wait for it and disturbs them is done then. */
  readonly quiet: DayWindow | null;
  /** When destructive acts may start without a person; null: always. */
  readonly hours: DayWindow | null;
  readonly isProtected: boolean;
  /** Never two services of one tier at once. */
  readonly tier: string;
  /** Requests in a quiet hour, as the operator expects them; only `check` reasons with it. */
  readonly requestsPerHour: number | null;
  /** Settings of detectors beside the shipped ones. */
  readonly detect: Detect;
  readonly probes: readonly ProbeConfig[];
}

/** One way to reach an app's switch. Holds a secret. A variable is no such way, but an act on the platform: see the rules. */
export type DriverConfig = Exclude<
  Settings["switches"][string]["drivers"][number],
  { kind: "variable" }
>;

/** By source: the secret that its senders know. A source that is not here is not listened to. */
export type HooksConfig = { readonly [source in Source]?: { readonly secret: string } | undefined };

export interface SwitchConfig {
  readonly name: string;
  readonly targets: readonly string[];
  readonly leaseMs: Millis;
  readonly renewMs: Millis;
  readonly drivers: readonly DriverConfig[];
  readonly variable: Rules["switches"][string]["variable"] | null;
}

/** Everything the daemon is told from outside: frozen plain data. Holds secrets; only `rules` does not. */
export interface Config extends Pick<
  Surroundings,
  | "ownService"
  | "dataFolder"
  | "port"
  | "host"
  | "paused"
  | "isOnRailway"
  | "booksDoubt"
  | "hasTokens"
> {
  readonly rules: Rules;
  readonly targets: readonly TargetConfig[];
  readonly switches: readonly SwitchConfig[];
  /** Places that show whether our own network works; empty when nobody named any. */
  readonly places: readonly string[];
  readonly hooks: HooksConfig;
  /** Whom to call as long as there is progress; holds a secret. */
  readonly deadman: { readonly url: string; readonly everyMs: Millis } | null;
  readonly slack: { readonly webhook: string } | null;
  readonly railway: Pick<
    Surroundings,
    "endpoint" | "token" | "projectId" | "environmentId" | "statusUrl"
  > & { readonly plan: Settings["railway"]["plan"] };
  /** Lines for a person: what is allowed and probably not meant. */
  readonly warnings: readonly string[];
  readonly source: string;
}
