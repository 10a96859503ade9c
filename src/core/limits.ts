import type { Rules } from "../domain/rules.ts";

/** The bounds of a machine on a target: those of its runbook, and as long to verify as the looks need that are waited for. */
export function limitsFor(
  rules: Rules,
  machine: string,
  target: string,
): { readonly [bound: string]: number } {
  const limits = rules.runbooks[machine]?.limits ?? {};
  const verifyMs = rules.targets[target]?.verifyMs?.[machine];
  return verifyMs === undefined ? limits : { ...limits, verifyMs };
}
