import type { Batch } from "../batch.ts";

/** Requests counted, or concluded from a ratio that came without a count. */
export type Source = "counts" | "ratio";

export type Reading =
  | {
      readonly kind: "counts";
      readonly source: Source;
      readonly failed: number;
      readonly requests: number;
    }
  /** A count below zero, or more failed than there were: a counter began anew between two looks. */
  | { readonly kind: "impossible" }
  /** Looked and got nothing, or half of what a share needs. */
  | { readonly kind: "nothing" }
  /** Not about requests. */
  | { readonly kind: "silent" };

/** The failed and all requests this batch tells of. A ratio without a count is read as the fewest requests that can give it. */
export function read(batch: Batch): Reading {
  const { failed, requests, error_ratio: ratio } = batch.values;
  if (failed === undefined && requests === undefined && ratio === undefined)
    return { kind: "silent" };
  if (isNumber(requests)) {
    if (isNumber(failed)) return counted(failed, requests);
    if (isNumber(ratio)) return isShare(ratio) ? counted(ratio * requests, requests) : IMPOSSIBLE;
    return requests === 0 ? counted(0, 0) : NOTHING;
  }
  if (requests === null || !isNumber(ratio)) return NOTHING;
  if (!isShare(ratio)) return IMPOSSIBLE;
  return { kind: "counts", source: "ratio", ...fewestRequests(ratio) };
}

/**
 * The fraction with the smallest denominator within half a per cent of the ratio (Stern and Brocot): at least so many
 * requests there must have been. 0.0127 tells of 1 in 79, 0.35 of 6 in 17, 1 of a single request.
 */
export function fewestRequests(ratio: number): {
  readonly failed: number;
  readonly requests: number;
} {
  if (ratio === 0) return { failed: 0, requests: 1 };
  if (ratio < 1 / MOST_REQUESTS) return { failed: 0, requests: MOST_REQUESTS };
  for (let requests = 1; requests < MOST_REQUESTS; requests += 1) {
    const failed = Math.round(ratio * requests);
    if (failed > 0 && Math.abs(failed / requests - ratio) <= TOLERANCE * ratio)
      return { failed, requests };
  }
  return { failed: 1, requests: MOST_REQUESTS };
}

function counted(failed: number, requests: number): Reading {
  if (requests < 0 || failed < 0 || Math.round(failed) > Math.round(requests)) return IMPOSSIBLE;
  return {
    kind: "counts",
    source: "counts",
    failed: Math.round(failed),
    requests: Math.round(requests),
  };
}

function isNumber(value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isShare(ratio: number): boolean {
  return ratio >= 0 && ratio <= 1;
}

const IMPOSSIBLE = { kind: "impossible" } as const;
const NOTHING = { kind: "nothing" } as const;
const TOLERANCE = 0.005;
const MOST_REQUESTS = 1_000;
