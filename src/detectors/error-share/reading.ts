import type { Batch } from "../batch.ts";

/** Requests counted, or concluded from a ratio that came without a count. */
export type Source = "counts" | "ratio";

export type Reading =
  | { readonly kind: "counts"; readonly failed: number; readonly requests: number }
  /** A share of nobody knows how many; `fewest`: so many there must have been, as far as it tells. */
  | { readonly kind: "ratio"; readonly ratio: number; readonly fewest: number | null }
  /** A count below zero, or more failed than there were: a counter began anew between two looks. */
  | { readonly kind: "impossible" }
  /** Looked and got nothing, or half of what a share needs. */
  | { readonly kind: "nothing" }
  /** Not about requests. */
  | { readonly kind: "silent" };

/** The failed and all requests this batch tells of, or only their ratio. */
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
  // All or nothing may be one request or a million.
  return {
    kind: "ratio",
    ratio,
    fewest: ratio === 0 || ratio === 1 ? null : fewestRequests(ratio),
  };
}

/**
 * The smallest denominator that gives this ratio as it is written: at least so many requests there must have been. 0.0127
 * tells of 79, 0.35 of 17, 0.3333 of 3; a ratio that is a mean of others tells of more than there were, so it is bounded.
 */
export function fewestRequests(ratio: number): number {
  const digits = /\.(\d+)$/.exec(String(ratio))?.[1]?.length ?? MOST_DIGITS;
  const tolerance = 0.5 / 10 ** Math.min(digits, MOST_DIGITS);
  for (let requests = 1; requests < MOST_REQUESTS; requests += 1) {
    const failed = Math.round(ratio * requests);
    if (failed > 0 && Math.abs(failed / requests - ratio) <= tolerance) return requests;
  }
  return MOST_REQUESTS;
}

function counted(failed: number, requests: number): Reading {
  if (requests < 0 || failed < 0 || Math.round(failed) > Math.round(requests)) return IMPOSSIBLE;
  return {
    kind: "counts",
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
const MOST_DIGITS = 7;
const MOST_REQUESTS = 1_000;
