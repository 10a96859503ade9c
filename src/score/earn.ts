import type { Mode } from "../domain/rules.ts";
import { nextMode, type Total } from "./tally.ts";

/** How often an act must have helped on paper before people are asked about it, and how often in earnest before it acts by itself. */
export const HELPED_MIN = 2;
export const EFFECTIVE_MIN = 5;

/** The rules by which a mode is earned, for people. */
export const RULES: { readonly [mode in "suggest" | "auto"]: string } = {
  suggest: `suggest is earned when it would have helped at least ${HELPED_MIN} times and would never have hurt`,
  auto: `auto is earned when it was done at least ${EFFECTIVE_MIN} times with a person's approval and was effective each time, and would never have hurt`,
};

/** Whether an act has earned its next mode, by the counts alone. Nothing follows from it by itself. */
export interface Earned {
  readonly action: string;
  readonly mode: Mode;
  readonly next: Mode | null;
  readonly isEarned: boolean;
  /** What is there, or what is missing. */
  readonly why: string;
  /** The line that a person would write under `modes`. */
  readonly line: string | null;
}

export function earned(total: Total): Earned {
  const { action, mode } = total;
  const next = nextMode(mode);
  if (next === null)
    return { action, mode, next, isEarned: false, why: "it acts by itself already", line: null };
  const missing = missingFor(next, total);
  const isEarned = missing.length === 0;
  return {
    action,
    mode,
    next,
    isEarned,
    why: isEarned ? thereFor(next, total) : missing.join("; "),
    line: isEarned ? `${action}: ${next}` : null,
  };
}

function missingFor(next: Mode, { shadow, approved }: Total): readonly string[] {
  const hurt = shadow.hurt > 0 ? [`it would have hurt: ${shadow.hurt}`] : [];
  if (next === "suggest") {
    const { helped } = shadow;
    return [
      ...(helped < HELPED_MIN ? [`it would have helped: ${helped} of ${HELPED_MIN}`] : []),
      ...hurt,
    ];
  }
  const { effective, ineffective, unknown } = approved;
  return [
    ...(effective < EFFECTIVE_MIN
      ? [`approved and effective: ${effective} of ${EFFECTIVE_MIN}`]
      : []),
    ...(ineffective > 0 ? [`approved and not effective: ${ineffective}`] : []),
    ...(unknown > 0 ? [`approved and nobody knows whether it helped: ${unknown}`] : []),
    ...hurt,
  ];
}

function thereFor(next: Mode, { shadow, approved }: Total): string {
  return next === "suggest"
    ? `it would have helped ${shadow.helped} times and never hurt`
    : `it was approved and effective ${approved.effective} times, and never anything else`;
}
