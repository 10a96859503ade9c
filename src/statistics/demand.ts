/**
 * Stops a programmer's error: throws a RangeError unless the condition holds. Too few samples are not an error, they are
 * answered with `null`; a NaN, an infinity or a share above one is, because a parser should have refused it long before.
 */
export function demand(condition: boolean, message: string): asserts condition {
  if (!condition) throw new RangeError(message);
}

/** Throws a RangeError unless every value is a finite number. */
export function demandFinite(values: readonly number[]): void {
  for (const value of values)
    demand(Number.isFinite(value), "every sample must be a finite number");
}

/** Throws a RangeError unless the value lies strictly between 0 and 1. */
export function demandOpenShare(value: number, name: string): void {
  demand(value > 0 && value < 1, `${name} must lie strictly between 0 and 1`);
}

/** Throws a RangeError unless `part` and `whole` are whole numbers with 0 <= part <= whole. */
export function demandCounts(part: number, whole: number): void {
  demand(
    Number.isSafeInteger(part) && Number.isSafeInteger(whole) && part >= 0 && part <= whole,
    "counts must be whole numbers with 0 <= part <= whole",
  );
}
