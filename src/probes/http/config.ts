import { z } from "zod";

import { Duration } from "../../config/duration.ts";
import { Headers } from "../headers.ts";

const Status = z.int().min(100).max(599);
const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** What an answer must show. `json` maps dotted paths into the body to the value expected there. */
export const Expect = z.strictObject({
  status: z.union([Status, z.array(Status).min(1)]).optional(),
  json: z.record(z.string().min(1), Scalar).optional(),
});
export type Expect = z.infer<typeof Expect>;

export const Config = z
  .strictObject({
    kind: z.literal("http"),
    url: z.url({ protocol: /^https?$/, error: "expected a http or https URL" }).optional(),
    path: z.string().startsWith("/", 'expected a path that begins with "/"').optional(),
    every: Duration.default(10_000),
    timeout: Duration.default(3_000),
    method: z.enum(["GET", "HEAD", "OPTIONS", "POST"]).default("GET"),
    expect: Expect.default({}),
    /** Fewer whole days than this until the certificate ends are told to people; 0 never is. */
    certificateDays: z.int().min(0).max(365).default(14),
    headers: Headers,
  })
  .refine(
    (config) => (config.url === undefined) !== (config.path === undefined),
    "expected either url or path",
  );
