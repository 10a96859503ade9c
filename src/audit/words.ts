import type { Instant } from "../domain/time.ts";

/** `2026-08-01 21:04:09.123 UTC`, or the number where it is no time. */
export function moment(at: Instant): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return String(at);
  return `${date.toISOString().slice(0, 23).replace("T", " ")} UTC`;
}
