import { demand, demandOpenShare } from "./demand.ts";

/** A burn rate rule over one window: fires when the window's error share exceeds `factor` x (1 - objective). */
export type BurnRule = {
  /** The share of good requests promised, e.g. 0.999. */
  readonly objective: number;
  /** How many times faster than allowed the budget is spent, e.g. 14.4. */
  readonly factor: number;
  readonly windowMs: number;
};

// All formulas: Google SRE Workbook, chapter 5, "Alerting on SLOs".

/** The error share above which the rule fires: factor x (1 - objective). At 1 or more it never can. */
export function firingShare(rule: Pick<BurnRule, "objective" | "factor">): number {
  demandOpenShare(rule.objective, "objective");
  demand(rule.factor > 0 && Number.isFinite(rule.factor), "factor must be positive");
  return rule.factor * (1 - rule.objective);
}

/** Whether even a full outage can fire the rule. With an objective of 93 % or less, 14.4 x cannot. */
export function canEverFire(rule: Pick<BurnRule, "objective" | "factor">): boolean {
  return firingShare(rule) < 1;
}

/** How many times faster than allowed the budget is spent by these counts. `null` without requests. Throws on bad counts. */
export function burnRate(failed: number, total: number, objective: number): number | null {
  demand(failed >= 0 && failed <= total && Number.isFinite(total), "need 0 <= failed <= total");
  demandOpenShare(objective, "objective");
  return total === 0 ? null : failed / total / (1 - objective);
}

/**
 * Milliseconds from the start of a constant error share (0 before) until the rule fires: (1 - objective) / share x window x
 * factor. `null` when that would take longer than the window, which means never.
 */
export function detectionTime(rule: BurnRule, errorShare: number): number | null {
  const needed = firingShare(rule);
  demandWindow(rule.windowMs);
  demandErrorShare(errorShare);
  return errorShare > needed ? (needed / errorShare) * rule.windowMs : null;
}

/**
 * Milliseconds from the end of a constant error share that filled the window until the rule stops firing: window x
 * (1 - needed / share). For a rule with two windows, pass the short one. `null` when it was not firing.
 */
export function resetTime(rule: BurnRule, errorShare: number): number | null {
  const needed = firingShare(rule);
  demandWindow(rule.windowMs);
  demandErrorShare(errorShare);
  return errorShare > needed ? rule.windowMs * (1 - needed / errorShare) : null;
}

/** The share of the period's error budget that is gone when the rule fires: factor x window / period. */
export function budgetSpent(rule: BurnRule, periodMs: number): number {
  firingShare(rule);
  demandWindow(rule.windowMs);
  demandWindow(periodMs);
  return (rule.factor * rule.windowMs) / periodMs;
}

/** Milliseconds until a whole period's budget is gone at a constant burn rate: period / rate. Infinite at rate 0. */
export function timeToExhaustion(rate: number, periodMs: number): number {
  demand(rate >= 0 && Number.isFinite(rate), "a burn rate must be finite, not negative");
  demandWindow(periodMs);
  return periodMs / rate;
}

/**
 * The fewest requests in the window at which `failures` failed ones do not fire the rule: below it, chance alone pages.
 * 70 for one failure at 99.9 % and 14.4 x.
 */
export function minimumRequests(
  rule: Pick<BurnRule, "objective" | "factor">,
  failures: number,
): number {
  demand(
    Number.isSafeInteger(failures) && failures > 0,
    "failures must be a positive whole number",
  );
  return Math.ceil(failures / firingShare(rule));
}

function demandWindow(length: number): void {
  demand(length > 0 && Number.isFinite(length), "a window must be longer than 0 ms");
}

function demandErrorShare(share: number): void {
  demand(share >= 0 && share <= 1, "an error share must lie in [0, 1]");
}
