import type { Batch } from "../batch.ts";

export type Reading =
  | { readonly kind: "counts"; readonly failed: number; readonly requests: number }
  /** A count below zero, or more failed than there were: a counter began anew between two looks. */
  | { readonly kind: "impossible" }
  /** A share of nobody knows how many: it cannot be weighted by requests. */
  | { readonly kind: "unweighted" }
  /** Looked and got nothing, or half of what a share needs. */
  | { readonly kind: "nothing" }
  /** Not about requests. */
  | { readonly kind: "silent" };

/** The failed and all requests this batch tells of; `error_ratio` with `requests` is a count of failed ones. */
export function read(batch: Batch): Reading {
  const { failed, requests, error_ratio: ratio } = batch.values;
  if (failed === undefined && requests === undefined && ratio === undefined)
    return { kind: "silent" };
  if (!isNumber(requests)) return { kind: isNumber(ratio) ? "unweighted" : "nothing" };
  if (isNumber(failed)) return counted(failed, requests);
  if (isNumber(ratio)) return counted(ratio * requests, requests);
  return requests === 0 ? counted(0, 0) : { kind: "nothing" };
}

function counted(failed: number, requests: number): Reading {
  const bad = Math.round(failed);
  const all = Math.round(requests);
  if (bad < 0 || all < 0 || bad > all) return { kind: "impossible" };
  return { kind: "counts", failed: bad, requests: all };
}

function isNumber(value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
