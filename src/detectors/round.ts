/** A number with so many significant digits: enough to tell, short enough to store. */
export function round(value: number, digits = 6): number {
  return Number(value.toPrecision(digits));
}
