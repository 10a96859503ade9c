/**
 * A number with so many significant digits: enough to tell, short enough to store. The same as by way of its text, which takes
 * five times as long and would be a fourteenth of a replay.
 */
export function round(value: number, digits = 6): number {
  const power = digits - 1 - Math.floor(Math.log10(Math.abs(value)));
  const ten = POWERS[power];
  // Infinities, zero, and what is so large or small that powers of ten are not exact.
  if (ten === undefined) return byText(value, digits);
  const scaled = Math.abs(value) * ten;
  const whole = Math.floor(scaled);
  const rest = scaled - whole;
  const isTooLong = scaled < (POWERS[digits - 1] ?? 0) || scaled >= (POWERS[digits] ?? 0);
  // So near to the middle only the digits themselves say which way it goes.
  if (isTooLong || Math.abs(rest - 0.5) < 1e-6) return byText(value, digits);
  return (Math.sign(value) * (rest < 0.5 ? whole : whole + 1)) / ten;
}

function byText(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

/** Up to here they are exact, and so is a division by them. */
const POWERS = Array.from({ length: 16 }, (_, power) => 10 ** power);
