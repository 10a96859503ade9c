import { z } from "zod";

import { Duration } from "../../config/duration.ts";
import { HOUR_MS, SECOND_MS } from "../../domain/time.ts";

const EXPECT_MS_MAX = 31 * 24 * HOUR_MS;

/** Part of an address, so that it must survive being written into one. */
export const PathSecret = z
  .string()
  .regex(
    /^[\w-]{16,100}$/,
    "expected 16 to 100 letters, digits, - and _, because it stands in an address",
  );

export const Config = z.strictObject({
  kind: z.literal("heartbeat"),
  /** How often the call must come in. */
  expectEvery: Duration.refine(
    (ms) => ms >= SECOND_MS && ms <= EXPECT_MS_MAX,
    "expected 1s to 744h",
  ),
  grace: Duration.default(5 * 60 * SECOND_MS),
  /** Part of the address that is called. */
  secret: PathSecret,
  every: Duration.default(10_000),
  timeout: Duration.default(3_000),
});
