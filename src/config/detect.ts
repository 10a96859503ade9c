import { z } from "zod";

import { BATCH_DETECTORS } from "../detectors/index.ts";
import { SIGNALS } from "../domain/sample.ts";
import type { SourceDocument } from "./document.ts";
import { Duration } from "./duration.ts";
import type { Fault, Path } from "./fault.ts";
import { describe } from "./issues.ts";
import { groupOf } from "./plain.ts";
import { hint } from "./suggest.ts";

/** Settings of detectors beside the shipped ones, by the detector's name. */
export type Detect = { readonly [detector: string]: { readonly [setting: string]: unknown } };

/** One bound of the detector `threshold`, as people write it. */
const Bound = z
  .strictObject({
    signal: z.enum(SIGNALS),
    above: z.number().optional(),
    below: z.number().optional(),
    closeAt: z.number().optional(),
    of: z.tuple([z.int().min(1), z.int().min(1).max(100)]).default([3, 5]),
    lasts: Duration.default(60_000),
  })
  .refine(
    ({ above, below }) => (above === undefined) !== (below === undefined),
    "expected either above or below",
  )
  .refine(({ of: [some, all] }) => some <= all, "expected `of` as [some, all], some at most all")
  .transform(({ lasts, ...bound }) => ({ ...bound, lastsMs: lasts }));

/** `detect` of one target: names and kinds of values are those of the detectors' own defaults. */
export function readDetect(
  document: SourceDocument,
  path: Path,
  written: unknown,
): { readonly detect: Detect; readonly faults: readonly Fault[] } {
  const detect: Record<string, { readonly [setting: string]: unknown }> = {};
  const faults: Fault[] = [];
  const names = BATCH_DETECTORS.map(({ name }) => name);
  for (const [name, settings] of Object.entries(groupOf(written))) {
    const detector = BATCH_DETECTORS.find((candidate) => candidate.name === name);
    if (detector === undefined) {
      const message = `there is no detector "${name}"${hint(name, names)}`;
      faults.push(document.faultAtKey("detector-unknown", [...path, name], message));
      continue;
    }
    const read = readSettings(document, [...path, name], groupOf(detector.defaults), settings);
    detect[name] = read.settings;
    faults.push(...read.faults);
  }
  return { detect, faults };
}

function readSettings(
  document: SourceDocument,
  path: Path,
  defaults: { readonly [setting: string]: unknown },
  written: unknown,
): {
  readonly settings: { readonly [setting: string]: unknown };
  readonly faults: readonly Fault[];
} {
  const settings: Record<string, unknown> = {};
  const faults: Fault[] = [];
  const known = Object.keys(defaults).filter((key) => schemaOf(key, defaults[key]) !== null);
  for (const [key, value] of Object.entries(groupOf(written))) {
    const place = [...path, key];
    const schema = known.includes(key) ? schemaOf(key, defaults[key]) : null;
    if (schema === null) {
      const message = `the detector has no setting "${key}"${hint(key, known)}`;
      faults.push(document.faultAtKey("setting-unknown", place, message));
      continue;
    }
    const read = schema.safeParse(value);
    if (read.success) settings[key] = read.data;
    else {
      const said = read.error.issues[0]?.message ?? "expected another value";
      const message = / found /.test(said) ? said : `${said}, found ${describe(value)}`;
      faults.push(document.fault("wrong-value", place, message));
    }
  }
  return { settings, faults };
}

/** What may be written for a setting with this default; `null` for what cannot be set by hand. */
function schemaOf(key: string, fallback: unknown): z.ZodType | null {
  if (key === "bounds") return z.array(Bound);
  if (typeof fallback === "boolean") return z.boolean({ error: "expected true or false" });
  if (typeof fallback !== "number") return null;
  if (key.endsWith("Ms")) return Duration;
  return z.number({ error: "expected a number" }).nonnegative("expected 0 or more");
}
