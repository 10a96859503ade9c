import { describe, expect, it } from "vitest";

import { binomialProbability } from "./binomial.ts";
import { anytimeP, shareEvidence } from "./sequential.ts";
import type { EvidenceOptions } from "./sequential.ts";

const GREATER: EvidenceOptions = { alternative: "greater", strength: 10, dispersion: 1 };
const DIFFERENT: EvidenceOptions = { ...GREATER, alternative: "different" };

// The papers' own worked numbers were not at hand. What they prove is checked exactly instead: the mean of the factor under the
// null, and the probability of ever crossing the line, by following every path.

describe("shareEvidence", () => {
  it("has mean one under the null, exactly", () => {
    for (const [share, total] of [
      [0.5, 30],
      [0.1, 60],
      [0.01, 100],
    ] as const) {
      expect(meanFactor(share, share, total, GREATER)).toBeCloseTo(1, 9);
      expect(meanFactor(share, share, total, DIFFERENT)).toBeCloseTo(1, 9);
    }
  });

  it("has mean below one for every smaller share when only more is a change", () => {
    let previous = 0;
    for (const share of [0.005, 0.02, 0.05, 0.08, 0.1]) {
      const mean = meanFactor(share, 0.1, 60, GREATER);
      expect(mean).toBeGreaterThan(previous);
      previous = mean;
    }
    expect(previous).toBeLessThan(1 + 1e-9);
    expect(meanFactor(0.005, 0.1, 60, DIFFERENT)).toBeGreaterThan(1);
  });

  it("is a martingale: the next request keeps the mean", () => {
    for (const options of [GREATER, DIFFERENT]) {
      const now = Math.exp(shareEvidence({ failed: 4, total: 50 }, 0.1, options));
      const hit = Math.exp(shareEvidence({ failed: 5, total: 51 }, 0.1, options));
      const miss = Math.exp(shareEvidence({ failed: 4, total: 51 }, 0.1, options));
      expect(0.1 * hit + 0.9 * miss).toBeCloseTo(now, 12);
    }
  });

  it("crosses log(1/alpha) ever with probability alpha at most, looking after every request", () => {
    for (const options of [GREATER, DIFFERENT]) {
      const crossed = crossingProbability(0.1, 0.1, 300, 0.05, options);
      expect(crossed).toBeLessThan(0.05);
      expect(crossed).toBeGreaterThan(0.005);
    }
    expect(crossingProbability(0.05, 0.1, 300, 0.05, GREATER)).toBeLessThan(0.02);
  });

  it("finds a doubled share with high probability", () => {
    expect(crossingProbability(0.25, 0.1, 300, 0.05, GREATER)).toBeGreaterThan(0.99);
  });

  // Beta(1,1) prior against a fair coin: the factor is 2^n / ((n + 1) C(n, k)); 2^10 / (11 x 10) for 9 of 10.
  it("gives the textbook Bayes factor of a coin", () => {
    const flat: EvidenceOptions = { alternative: "different", strength: 2, dispersion: 1 };
    const factor = Math.exp(shareEvidence({ failed: 9, total: 10 }, 0.5, flat));
    expect(factor).toBeCloseTo(1024 / 110, 12);
    const hundred = shareEvidence({ failed: 0, total: 100 }, 0.5, flat);
    expect(hundred).toBeCloseTo(100 * Math.LN2 - Math.log(101), 9);
  });

  it("stays finite with a million requests and says nothing without any", () => {
    expect(shareEvidence({ failed: 0, total: 0 }, 0.1, GREATER)).toBe(0);
    expect(shareEvidence({ failed: 13_000, total: 1_000_000 }, 0.01, GREATER)).toBeGreaterThan(100);
    expect(shareEvidence({ failed: 0, total: 1_000_000 }, 0.01, GREATER)).toBeLessThan(-10);
    expect(anytimeP(shareEvidence({ failed: 0, total: 1_000_000 }, 0.5, GREATER))).toBe(1);
  });

  it("weighs the same counts less when they come in bursts", () => {
    const counts = { failed: 40, total: 200 };
    const plain = shareEvidence(counts, 0.1, GREATER);
    const bursty = shareEvidence(counts, 0.1, { ...GREATER, dispersion: 4 });
    expect(bursty).toBeLessThan(plain);
    expect(bursty).toBeCloseTo(shareEvidence({ failed: 10, total: 50 }, 0.1, GREATER), 12);
  });

  it("refuses bad input", () => {
    expect(() => shareEvidence({ failed: 2, total: 1 }, 0.1, GREATER)).toThrow(RangeError);
    expect(() => shareEvidence({ failed: 0.5, total: 1 }, 0.1, GREATER)).toThrow(RangeError);
    expect(() => shareEvidence({ failed: 0, total: 1 }, 0, GREATER)).toThrow(RangeError);
    expect(() =>
      shareEvidence({ failed: 0, total: 1 }, 0.1, { ...GREATER, dispersion: 0.5 }),
    ).toThrow(RangeError);
    expect(() => shareEvidence({ failed: 0, total: 1 }, 0.1, { ...GREATER, strength: 0 })).toThrow(
      RangeError,
    );
    expect(() => anytimeP(Number.NaN)).toThrow(RangeError);
    expect(anytimeP(Math.log(20))).toBeCloseTo(0.05, 12);
  });
});

/** The mean of the factor after `total` requests that fail with `share`, summed over every outcome. */
function meanFactor(
  share: number,
  nullShare: number,
  total: number,
  options: EvidenceOptions,
): number {
  let mean = 0;
  for (let failed = 0; failed <= total; failed += 1) {
    const factor = Math.exp(shareEvidence({ failed, total }, nullShare, options));
    mean += binomialProbability(failed, total, share) * factor;
  }
  return mean;
}

/** The probability that the evidence ever reaches log(1/alpha) within `most` requests, following every path. */
function crossingProbability(
  share: number,
  nullShare: number,
  most: number,
  alpha: number,
  options: EvidenceOptions,
): number {
  const line = Math.log(1 / alpha);
  let alive = new Map([[0, 1]]);
  let crossed = 0;
  for (let total = 1; total <= most; total += 1) {
    const next = new Map<number, number>();
    for (const [failed, mass] of alive) {
      next.set(failed, (next.get(failed) ?? 0) + mass * (1 - share));
      next.set(failed + 1, (next.get(failed + 1) ?? 0) + mass * share);
    }
    alive = new Map();
    for (const [failed, mass] of next) {
      if (mass < 1e-12) continue;
      if (shareEvidence({ failed, total }, nullShare, options) >= line) crossed += mass;
      else alive.set(failed, mass);
    }
  }
  return crossed;
}
