import { MACHINES } from "../../state-machines/index.ts";
import { HOUR_MS } from "../domain/time.ts";
import type { SourceDocument } from "./document.ts";
import { Duration } from "./duration.ts";
import type { Fault, Path } from "./fault.ts";
import { describe } from "./issues.ts";
import { groupOf } from "./plain.ts";
import { hint } from "./suggest.ts";

const LENGTH_MS_MAX = 24 * HOUR_MS;
const COUNT_MAX = 1_000;

export type Limits = { readonly [bound: string]: number };

/** The bounds of a machine as they stand at `path`: names ending in `Ms` are lengths of time, the others counts. */
export function readLimits(
  document: SourceDocument,
  path: Path,
  machine: string,
  written: unknown,
): { readonly limits: Limits; readonly faults: readonly Fault[] } {
  const limits: Record<string, number> = {};
  const faults: Fault[] = [];
  const known = MACHINES[machine]?.bounds ?? [];
  for (const [name, value] of Object.entries(groupOf(written))) {
    const place = [...path, name];
    if (!known.includes(name)) {
      const message = `the machine ${machine} has no limit "${name}"${hint(name, known)}`;
      faults.push(document.faultAtKey("limit-unknown", place, message));
      continue;
    }
    const read = name.endsWith("Ms") ? lengthOf(value) : countOf(value);
    if (typeof read === "number") limits[name] = read;
    else faults.push(document.fault("wrong-value", place, read));
  }
  return { limits, faults };
}

function lengthOf(value: unknown): number | string {
  const read = Duration.safeParse(value);
  if (!read.success) {
    const message = read.error.issues[0]?.message ?? "expected a length of time";
    return message.includes(", found ") ? message : `${message}, found ${describe(value)}`;
  }
  return read.data <= LENGTH_MS_MAX ? read.data : `expected 24h or less, found ${describe(value)}`;
}

function countOf(value: unknown): number | string {
  const isCount = typeof value === "number" && Number.isInteger(value);
  return isCount && value >= 1 && value <= COUNT_MAX
    ? value
    : `expected a whole number from 1 to ${COUNT_MAX}, found ${describe(value)}`;
}
