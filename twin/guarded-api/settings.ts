import { z } from "zod";

const count = (fallback: number) => z.coerce.number().int().positive().default(fallback);

/** The kinds of releases there are: one that works, and the ways in which one can be bad. */
export const BEHAVIOURS = [
  "good",
  "leaky",
  "slow",
  "errors",
  "crash-at-start",
  "crash-under-load",
  "narrow",
] as const;

const settingsSchema = z
  .object({
    DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// URL" }),
    REDIS_URL: z.url({ protocol: /^rediss?$/, error: "must be a redis:// URL" }).optional(),
    SWITCH_SECRET: z.string().min(16, "must be at least 16 characters long"),
    /** Where in `REDIS_URL` a switch may stand. */
    SWITCH_REDIS_KEY: z.string().min(1).optional(),
    /** Where to ask for switches, with which token. */
    SWITCH_POLL_URL: z.url({ protocol: /^https?$/, error: "must be a http URL" }).optional(),
    SWITCH_POLL_TOKEN: z.string().min(16, "must be at least 16 characters long").optional(),
    /** Read-only for as long as this process lives, which no order ends. */
    READ_ONLY: z.enum(["0", "1"]).default("0"),
    WEBHOOK_SECRET: z.string().min(16, "must be at least 16 characters long"),
    PORT: z.coerce.number().int().min(0).max(65_535).optional(),
    SOCKET_PATH: z.string().min(1).optional(),
    RATE_LIMIT_PER_MINUTE: count(6_000),
    DATABASE_POOL_SIZE: count(10),
    RELEASE_BEHAVIOUR: z.enum(BEHAVIOURS).default("good"),
    RELEASE_RATE: z.coerce.number().positive().optional(),
  })
  .refine((settings) => settings.PORT !== undefined || settings.SOCKET_PATH !== undefined, {
    path: ["PORT"],
    error: "PORT or SOCKET_PATH must be set",
  });

/** The validated settings of the guarded API. */
export type Settings = z.infer<typeof settingsSchema>;

/** Reads the settings from an environment. The failure lists everything that is wrong, and never a value. */
export function readSettings(
  env: Record<string, string | undefined>,
): { ok: true; settings: Settings } | { ok: false; wrong: string[] } {
  const read = settingsSchema.safeParse(env);
  if (read.success) return { ok: true, settings: read.data };
  const wrong = read.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  return { ok: false, wrong };
}
