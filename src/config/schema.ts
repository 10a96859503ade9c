import { z } from "zod";

import { BUDGETS, TRAITS } from "../actions/index.ts";
import { Flag } from "../actions/variable/flag.ts";
import { CONSECUTIVE_DEFAULTS } from "../detectors/consecutive/index.ts";
import { MODES, type Budget, VAIN_INCIDENTS_MAX } from "../domain/rules.ts";
import { ATTEMPT_LIFE_MS } from "../domain/runbook.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from "../domain/time.ts";
import { CEILINGS, REOPEN_MS } from "./ceilings.ts";
import { placeOf } from "../probes/own-network.ts";
import type { Hook } from "../hooks/hook.ts";
import { hooks, type Source } from "../hooks/index.ts";
import { PathSecret } from "../probes/heartbeat/config.ts";
import type { Registered } from "../probes/definition.ts";
import { RedisUrl } from "../probes/redis/config.ts";
import { probes, type ProbeKind } from "../probes/index.ts";
import { Duration, DurationOrNever } from "./duration.ts";
import { KINDS } from "./kinds.ts";

/** Shortest interval of a probe: below it the prober is the load. */
const EVERY_MS_MIN: Millis = 200;
/** Whoever expects the call is called too, and counts in minutes. */
const DEADMAN_EVERY_MS_MIN: Millis = 10 * SECOND_MS;
const TIMEOUT_MS_MAX: Millis = 30 * SECOND_MS;

const Name = z
  .string()
  .max(40, "expected at most 40 characters")
  .regex(
    /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/,
    "expected small letters, digits and single hyphens, beginning with a letter",
  );
const Text = z.string().trim().min(1, "expected a text that is not empty");
const HttpUrl = z.url({ protocol: /^https?$/, error: "expected a http or https URL" });
const Count = z.int().min(1, "expected 1 or more").max(1_000, "expected 1000 or less");

const between = (leastMs: Millis, mostMs: Millis, words: string) =>
  Duration.refine((ms) => ms >= leastMs && ms <= mostMs, `expected ${words}`);
const upTo = (mostMs: Millis, words: string) =>
  DurationOrNever.refine((ms) => ms <= mostMs, `expected ${words}`);
const Every = between(EVERY_MS_MIN, HOUR_MS, "200ms to 1h");

/** What every probe has, beside what its kind asks for. The kind's own defaults of `every` and `timeout` hold. */
const ofEveryProbe = (
  shape: { readonly every: z.ZodType; readonly timeout: z.ZodType },
  counts: Registered["counts"] = CONSECUTIVE_DEFAULTS,
) => ({
  every: Every.default(Number(shape.every.parse(undefined))),
  retryEvery: Every.optional(),
  timeout: between(1, TIMEOUT_MS_MAX, "30s or less").default(
    Number(shape.timeout.parse(undefined)),
  ),
  openAfter: Count.default(counts.openAfter),
  closeAfter: Count.default(counts.closeAfter),
});

function countsOf(kind: string): Registered["counts"] {
  const all: { readonly [kind: string]: Registered } = probes;
  return all[kind]?.counts;
}

/** Which of them the kind's own schema must not see. */
export const BESIDE_KIND: readonly string[] = ["retryEvery", "openAfter", "closeAfter"];

type OfEveryProbe = ReturnType<typeof ofEveryProbe>;
type ProbeSchema = {
  readonly [kind in ProbeKind]: z.ZodObject<
    Omit<(typeof KINDS)[kind]["shape"], keyof OfEveryProbe> & OfEveryProbe
  >;
}[ProbeKind];

const Probe = z.discriminatedUnion(
  "kind",
  Object.entries(KINDS).map(([kind, { shape }]) =>
    z.strictObject({ ...shape, ...ofEveryProbe(shape, countsOf(kind)) }),
  ) as unknown as [ProbeSchema, ...ProbeSchema[]],
);

/** `02:00-05:00`, in UTC. */
const TimeOfDay = z
  .string()
  .regex(
    /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/,
    'expected a time of day in UTC such as "02:00-05:00"',
  )
  .refine((text) => text.slice(0, 5) !== text.slice(6), "expected two different times");

const Target = z.strictObject({
  name: Name,
  quiet: TimeOfDay.optional(),
  hours: TimeOfDay.optional(),
  protected: z.boolean().default(false),
  tier: Name.optional(),
  service: Text.optional(),
  url: HttpUrl.optional(),
  needs: z.array(z.string()).default([]),
  objective: z
    .number({ error: "expected a percentage such as 99.9" })
    .gt(0, "expected more than 0")
    .lt(100, "expected less than 100: no budget would be left for a single failure")
    .optional(),
  requestsPerHour: z
    .number({ error: "expected a number of requests" })
    .positive("expected more than 0")
    .optional(),
  detect: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  probes: z.array(Probe).default([]),
});

/** Who may send events, each with a secret in the path of its address or over its signature. */
const Hooks = z.strictObject(
  Object.fromEntries(
    Object.values<Hook>(hooks).map(({ source, isSigned }) => [
      source,
      z
        .strictObject({
          secret:
            isSigned === undefined
              ? PathSecret
              : z.string().min(16, "expected at least 16 characters"),
        })
        .optional(),
    ]),
  ) as { readonly [source in Source]: z.ZodOptional<z.ZodObject<{ secret: z.ZodString }>> },
);

const Driver = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("control"),
    url: HttpUrl,
    secret: z.string().min(16, "expected at least 16 characters"),
  }),
  z.strictObject({
    kind: z.literal("redis"),
    /** Holds a password: never shown, not even in an error. */
    url: RedisUrl,
    key: Text.max(200, "expected at most 200 characters").optional(),
  }),
  z.strictObject({
    kind: z.literal("polling"),
    token: z
      .string()
      .min(16, "expected at least 16 characters")
      .regex(/^\S+$/, "expected no blanks"),
  }),
  z
    .strictObject({ kind: z.literal("variable"), target: z.string(), ...Flag.shape })
    .refine(({ on, off }) => on !== off, {
      path: ["off"],
      error: "expected another value than on",
    }),
]);

const Switch = z.strictObject({
  drivers: z
    .array(Driver)
    .min(1, "expected at least one driver")
    .refine(
      (drivers) => drivers.filter(({ kind }) => kind === "variable").length < 2,
      "expected at most one variable",
    ),
  targets: z.array(z.string()).min(1, "expected at least one target").optional(),
  lease: between(SECOND_MS, Number.MAX_SAFE_INTEGER, "1s or more").default(10 * MINUTE_MS),
  renew: between(200, HOUR_MS, "200ms to 1h").default(2 * MINUTE_MS),
});

const Place = z
  .string()
  .refine((text) => placeOf(text) !== null, "expected host:port or a http or https URL");
const Network = z.strictObject({
  places: z
    .array(Place)
    .min(2, "expected at least two places, which do not depend on each other")
    .max(5, "expected at most five places")
    .refine(
      (places) =>
        new Set(places.map((place) => placeOf(place)?.host ?? place)).size === places.length,
      "expected a host of its own for every place",
    ),
});

const Lengths = z.strictObject({
  deadline: between(100, 5 * MINUTE_MS, "100ms to 5m").optional(),
  settle: between(100, HOUR_MS, "100ms to 1h").optional(),
});

const Starts = z.int().min(0, "expected 0 or more").max(100, "expected 100 or less");
const budgetOf = ({ perIncident, perHour }: Budget) =>
  z.strictObject({
    perIncident: Starts.default(perIncident),
    perHour: Starts.default(perHour),
  });

/** `signalman.yaml` with every reference already replaced by its value. */
export const Schema = z.strictObject({
  version: z.literal(1),
  targets: z.array(Target).min(1, "expected at least one target"),
  switches: z.record(Name, Switch).default({}),
  network: Network.optional(),
  slack: z.strictObject({ webhook: HttpUrl }).optional(),
  deadman: z
    .strictObject({
      url: HttpUrl,
      every: between(DEADMAN_EVERY_MS_MIN, HOUR_MS, "10s to 1h").default(MINUTE_MS),
    })
    .optional(),
  hooks: Hooks.default({}),
  modes: z.record(z.string(), z.enum(MODES)).default({}),
  hours: TimeOfDay.optional(),
  railway: z
    .strictObject({
      project: Text.optional(),
      environment: Text.optional(),
      plan: z.enum(["free", "hobby", "pro", "enterprise"]).default("hobby"),
      status: HttpUrl.optional(),
    })
    .prefault({}),
  budgets: z
    .strictObject({
      ...Object.fromEntries(
        Object.entries(BUDGETS).map(([kind, budget]) => [kind, budgetOf(budget).prefault({})]),
      ),
      perService: Count.default(CEILINGS.perService),
      overall: Count.default(CEILINGS.overall),
      cooldown: between(0, 24 * HOUR_MS, "24h or less").default(CEILINGS.cooldownMs),
      aftermath: between(SECOND_MS, HOUR_MS, "from 1s to 1h").default(CEILINGS.aftermathMs),
      processAge: between(0, HOUR_MS, "1h or less").default(CEILINGS.processAgeMs),
      standBack: upTo(ATTEMPT_LIFE_MS, "30m or less").default(CEILINGS.standBackMs),
      storm: z
        .strictObject({
          targets: z
            .int()
            .min(2, "expected 2 or more: one alone is no storm")
            .max(100, "expected 100 or less")
            .default(CEILINGS.storm.targets),
          within: upTo(HOUR_MS, "1h or less").default(CEILINGS.storm.withinMs),
        })
        .prefault({}),
      futility: z
        .strictObject({
          incidents: z
            .int()
            .min(1, "expected 1 or more")
            .max(VAIN_INCIDENTS_MAX, `expected ${VAIN_INCIDENTS_MAX} or less`)
            .default(CEILINGS.vain.incidents),
          within: upTo(90 * 24 * HOUR_MS, "2160h or less").default(CEILINGS.vain.withinMs),
        })
        .prefault({}),
    })
    .prefault({}),
  actions: z
    .strictObject(
      Object.fromEntries(
        Object.values(TRAITS)
          .filter(({ effect }) => effect !== "look")
          .map(({ kind }) => [kind, Lengths.default({})]),
      ),
    )
    .prefault({}),
  incidents: z
    .strictObject({ reopen: upTo(6 * HOUR_MS, "6h or less").default(REOPEN_MS) })
    .prefault({}),
  limits: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  verify: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});

export type Settings = z.infer<typeof Schema>;
