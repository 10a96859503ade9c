import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { bucketDeltas, bucketQuantile, countAbove } from "./histogram.ts";
import type { Bucket } from "./histogram.ts";

/** Prometheus' own test series `testhistogram_bucket`, promql/promqltest/testdata/histograms.test (Apache-2.0). */
const POSITIVE = buckets([0.1, 50], [0.2, 70], [1, 110], [Infinity, 120]);
const NEGATIVE = buckets([-0.2, 10], [-0.1, 20], [0.3, 20], [Infinity, 30]);

// The answers Prometheus expects there of `histogram_quantile(p, testhistogram_bucket)`.
const EXPECTED: readonly (readonly [number, number, number])[] = [
  [0, 0, -0.2],
  [0.2, 0.048, -0.2],
  [0.5, 0.15, -0.15],
  [0.8, 0.72, 0.3],
  [1, 1, 0.3],
];

const some = fc
  .array(fc.nat(50), { minLength: 2, maxLength: 12 })
  .filter((counts) => counts.some((count) => count > 0))
  .map(cumulative);

describe("bucketQuantile", () => {
  it.each(EXPECTED)("finds what Prometheus finds at %d", (p, positive, negative) => {
    expect(bucketQuantile(POSITIVE, p)?.value).toBeCloseTo(positive, 12);
    expect(bucketQuantile(NEGATIVE, p)?.value).toBeCloseTo(negative, 12);
  });

  it("says when the answer is only a lower bound", () => {
    expect(bucketQuantile(POSITIVE, 110 / 120)?.capped).toBe(false);
    expect(bucketQuantile(POSITIVE, 0.95)).toEqual({ value: 1, capped: true });
  });

  it("never falls as p rises, and does not care for the scale of the counts", () => {
    const p = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(some, p, p, (histogram, p, q) => {
        const low = bucketQuantile(histogram, Math.min(p, q))?.value ?? Number.NaN;
        const high = bucketQuantile(histogram, Math.max(p, q))?.value ?? Number.NaN;
        expect(high).toBeGreaterThanOrEqual(low - 1e-12);
        const halved = histogram.map(({ bound, count }) => ({ bound, count: count / 2 }));
        expect(bucketQuantile(halved, p)?.value).toBeCloseTo(
          bucketQuantile(histogram, p)?.value ?? 0,
          9,
        );
      }),
    );
  });

  it("raises counts that fall along the bounds, as Prometheus does", () => {
    const torn = buckets([1, 10], [2, 9], [3, 20], [Infinity, 20]);
    const raised = buckets([1, 10], [2, 10], [3, 20], [Infinity, 20]);
    expect(bucketQuantile(torn, 0.6)).toEqual(bucketQuantile(raised, 0.6));
  });

  it("has a defined answer for nothing, too little and nonsense", () => {
    expect(bucketQuantile([], 0.5)).toBeNull();
    expect(bucketQuantile(buckets([Infinity, 5]), 0.5)).toBeNull();
    expect(bucketQuantile(buckets([1, 5], [2, 5]), 0.5)).toBeNull();
    expect(bucketQuantile(buckets([1, 0], [Infinity, 0]), 0.5)).toBeNull();
    expect(bucketQuantile(buckets([1, 0], [Infinity, 5]), 0)).toEqual({ value: 0, capped: false });
    expect(() => bucketQuantile(buckets([2, 1], [1, 1]), 0.5)).toThrow(RangeError);
    expect(() => bucketQuantile(buckets([1, Number.NaN]), 0.5)).toThrow(RangeError);
    expect(() => bucketQuantile(buckets([Number.NaN, 1]), 0.5)).toThrow(RangeError);
    expect(() => bucketQuantile(POSITIVE, 1.01)).toThrow(RangeError);
  });
});

describe("countAbove", () => {
  it("counts without interpolating", () => {
    expect(countAbove(POSITIVE, 0.2)).toEqual({ above: 50, total: 120 });
    expect(countAbove(POSITIVE, Infinity)).toEqual({ above: 0, total: 120 });
  });

  it("has no answer between the bounds, nor without the last bucket", () => {
    expect(countAbove(POSITIVE, 0.15)).toBeNull();
    expect(countAbove(POSITIVE.slice(0, -1), 0.2)).toBeNull();
    expect(countAbove([], 1)).toBeNull();
  });
});

describe("bucketDeltas", () => {
  it("gives back what was added", () => {
    fc.assert(
      fc.property(some, some, (before, added) => {
        fc.pre(before.length === added.length);
        const after = added.map(({ bound, count }, index) => ({
          bound,
          count: count + (before[index]?.count ?? 0),
        }));
        expect(bucketDeltas(before, after)).toEqual({ buckets: added, reset: false });
      }),
    );
  });

  it("takes a fallen count for a restart, even a single one", () => {
    const after = buckets([0.1, 49], [0.2, 80], [1, 120], [Infinity, 130]);
    expect(bucketDeltas(POSITIVE, after)).toEqual({ buckets: after, reset: true });
  });

  it("does not compare histograms with different bounds", () => {
    expect(bucketDeltas(POSITIVE, NEGATIVE)).toBeNull();
    expect(bucketDeltas(POSITIVE, POSITIVE.slice(1))).toBeNull();
    expect(bucketDeltas([], [])).toEqual({ buckets: [], reset: false });
  });
});

function buckets(...pairs: readonly (readonly [number, number])[]): readonly Bucket[] {
  return pairs.map(([bound, count]) => ({ bound, count }));
}

function cumulative(counts: readonly number[]): readonly Bucket[] {
  let sum = 0;
  return counts.map((count, index) => {
    sum += count;
    return { bound: index === counts.length - 1 ? Infinity : (index + 1) / 4, count: sum };
  });
}
