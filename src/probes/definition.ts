import type { z } from "zod";

import type { Instant } from "../domain/time.ts";
import type { Calls } from "../ports/calls.ts";
import type { Probe } from "../ports/probe.ts";
import type { Poller } from "../railway/poll/sight.ts";

/** What a probe is made from: its target, its part of the configuration, and where time comes from. */
export interface Setting<Config> {
  readonly target: string;
  readonly config: Config;
  /** Its name within the target, part of the signal's key. */
  readonly name: string;
  /** The target's `url`, for probes that name only a path. */
  readonly baseUrl?: string;
  /** For the samples' `ts`; the system's clock when left out. */
  readonly now?: () => Instant;
  /** For kinds that listen. */
  readonly calls?: Calls;
  /** Absent where Railway does not run the target, or nobody may ask it. */
  readonly platform?: PlatformSetting;
}

/** For kinds that ask Railway. */
export interface PlatformSetting {
  /** Railway's name or id of the target's service. */
  readonly service: string;
  readonly poller: Poller;
  /** No other probe of the target says `up`, so that the platform's word is all there is. */
  readonly isOnlyWord: boolean;
}

/** One kind of probe, as its folder exports it. `create` opens nothing before the first look. */
export interface Definition<Name extends string, Config> {
  readonly kind: Name;
  readonly Config: z.ZodType<Config>;
  /** Which kind of incident a failing `up` opens; `null` for a kind that never says `up`. */
  readonly opens: string | null;
  /** What a probe is called within its target when it is the only one of its kind there. No part of it may be secret. */
  nameOf(config: Config): string;
  /** Failures and successes in a row that open and close, where the usual numbers do not fit. */
  readonly counts?: { readonly openAfter: number; readonly closeAfter: number };
  /** It is called instead of asking: it does not prove how the target is at this moment. */
  readonly listens?: true;
  /** It asks Railway about the target: that needs the target's service, and the plan's quota sets its pace. */
  readonly asksPlatform?: true;
  /** What `check` may count on beside `up`. */
  readonly measures?: readonly ("requests" | "memory")[];
  /** True where `url` holds a password: it is then never shown and only taken by reference. */
  readonly isSecretUrl?: boolean;
  /** The smallest configuration that parses. */
  readonly example: unknown;
  create(setting: Setting<Config>): Probe;
  /** `create` for a configuration as `Config` parsed it or as the operator wrote it. Throws where it does not parse. */
  make(setting: Setting<unknown>): Probe;
}

/** What the registry knows of every kind. */
export type Registered = Omit<Definition<string, never>, "create" | "Config"> & {
  readonly Config: z.ZodObject;
};

/** Keeps the schema's own type, because the configuration's schema takes its keys. */
type Shaped<Name extends string, Schema extends z.ZodObject> = { readonly Config: Schema } & Omit<
  Definition<Name, z.output<Schema>>,
  "Config"
>;

/** Completes a kind for the registry. */
export function define<const Name extends string, Schema extends z.ZodObject>(
  kind: Omit<Shaped<Name, Schema>, "make">,
): Shaped<Name, Schema> {
  return {
    ...kind,
    make(setting) {
      const written = { ...unparsed(kind.Config, Object(setting.config)), kind: kind.kind };
      return kind.create({ ...setting, config: kind.Config.parse(written) });
    },
  };
}

/** Lengths of time of a parsed configuration are numbers of milliseconds: written out, they parse again. */
function unparsed({ shape }: z.ZodObject, config: object): object {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => {
      const isLength = typeof value === "number" && shape[key]?.safeParse(`${value}ms`).success;
      return [key, isLength === true ? `${value}ms` : value];
    }),
  );
}
