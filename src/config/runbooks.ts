import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";

import { z } from "zod";

import { MACHINES } from "../../state-machines/index.ts";
import { hashOf } from "../domain/ids.ts";
import { SLOTS, type Runbook, type Slot, type Step } from "../domain/runbook.ts";
import { readDocument, type SourceDocument } from "./document.ts";
import type { Fault } from "./fault.ts";
import { readText } from "./files.ts";
import { fromIssues } from "./issues.ts";
import { readLimits, type Limits } from "./limits.ts";
import { groupOf } from "./plain.ts";
import { hint } from "./suggest.ts";
import { STEP } from "./steps.ts";
import { readVerify, type Verify } from "./verify.ts";

export type ReadRunbook =
  | { readonly ok: true; readonly runbook: Runbook }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export type ReadRunbooks =
  | { readonly ok: true; readonly runbooks: readonly Runbook[] }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Each machine's folder holds its own. */
const SHIPPED = join(import.meta.dirname, "..", "..", "state-machines");
const FILE_BYTES_MAX = 256 * 1024;

/** Every runbook in a folder and below it, the shipped ones when left out: one for each machine. */
export async function loadRunbooks(
  folder: string = SHIPPED,
  signal?: AbortSignal,
): Promise<ReadRunbooks> {
  const faults: Fault[] = [];
  const runbooks = new Map<string, Runbook>();
  const names = await readdir(folder, { recursive: true }).catch((): string[] => []);
  for (const name of names.filter((name) => name.endsWith(".yaml")).sort()) {
    const file = join(basename(folder), name);
    const text = await readText(join(folder, name), FILE_BYTES_MAX, signal);
    if (!text.ok) {
      faults.push({ ...NOWHERE, code: "file-unreadable", message: text.why, file });
      continue;
    }
    const read = readRunbook(text.text);
    if (!read.ok) faults.push(...read.faults.map((fault) => ({ ...fault, file })));
    else if (runbooks.has(read.runbook.machine)) {
      const message = `there is another runbook for the machine ${read.runbook.machine}`;
      faults.push({ ...NOWHERE, code: "runbook-duplicate", message, file });
    } else runbooks.set(read.runbook.machine, read.runbook);
  }
  const missing = Object.keys(MACHINES).filter((machine) => !runbooks.has(machine));
  if (faults.length === 0) {
    for (const machine of missing) {
      const message = `no runbook for the machine ${machine}`;
      faults.push({ ...NOWHERE, code: "runbook-missing", message, file: basename(folder) });
    }
  }
  return faults.length === 0
    ? { ok: true, runbooks: [...runbooks.values()] }
    : { ok: false, faults };
}

/** The same runbook with some bounds of its machine set anew, and with other signals to verify by. */
export function withOwn(
  runbook: Runbook,
  own: { readonly limits?: Limits | undefined; readonly verify?: Verify | undefined },
): Runbook {
  if (own.limits === undefined && own.verify === undefined) return runbook;
  const { hash: _, ...rest } = runbook;
  const { limits, verify = rest.verify } = own;
  const changed = {
    ...rest,
    limits: { ...rest.limits, ...limits },
    ...(verify === undefined ? {} : { verify }),
  };
  return { ...changed, hash: hashOf(changed) };
}

const NOWHERE = { path: "", line: 0, column: 0 } as const;

const Line = z.string().trim().min(1, "expected a text that is not empty").max(300);

const Schema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/, "expected small letters, digits and hyphens"),
  machine: z.string(),
  summary: Line,
  slots: z
    .strictObject({
      evidence: STEP.optional(),
      confirm: STEP.optional(),
      contain: STEP.optional(),
      inspect: STEP.optional(),
      remedy: STEP.optional(),
      fallback: STEP.optional(),
    })
    .default({}),
  limits: z.record(z.string(), z.unknown()),
  verify: z.record(z.string(), z.unknown()).optional(),
  advice: z.array(Line).min(1, "expected at least one line").max(8, "expected at most 8 lines"),
});

/** Reads one runbook and compares it with its machine. All faults in one go. */
export function readRunbook(text: string): ReadRunbook {
  const reading = readDocument(text);
  if (!reading.ok) return reading;
  const { document } = reading;
  const parsed = Schema.safeParse(document.tree);
  const issues = parsed.success ? [] : parsed.error.issues;
  const frame = { document, schema: Schema, tree: document.tree, isHidden: () => false };
  const against = compare(document);
  const faults = [...reading.faults, ...fromIssues(issues, frame), ...against.faults];
  if (!parsed.success || faults.length > 0) return { ok: false, faults };
  const { name, machine, summary, advice } = parsed.data;
  const slots = Object.fromEntries(
    Object.entries(parsed.data.slots).flatMap(([slot, step]) =>
      step === undefined ? [] : [[slot, { action: step.action, with: step.with }]],
    ),
  ) satisfies { readonly [slot: string]: Step };
  const { limits, verify } = against;
  const beside = Object.keys(verify).length === 0 ? {} : { verify };
  const runbook = { name, machine, summary, slots, limits, ...beside, advice };
  return { ok: true, runbook: { ...runbook, hash: hashOf(runbook) } };
}

/** The runbook against its machine; works on a tree that may still be wrong elsewhere. */
function compare(document: SourceDocument): {
  readonly limits: Limits;
  readonly verify: Verify;
  readonly faults: readonly Fault[];
} {
  const written = groupOf(document.tree);
  const machine = written["machine"];
  if (typeof machine !== "string") return { limits: {}, verify: {}, faults: [] };
  if (!Object.hasOwn(MACHINES, machine)) {
    const message = `there is no machine "${machine}"${hint(machine, Object.keys(MACHINES))}`;
    const fault = document.fault("machine-unknown", ["machine"], message);
    return { limits: {}, verify: {}, faults: [fault] };
  }
  const proving = readVerify(document, ["verify"], machine, written["verify"]);
  const { limits, faults } = readLimits(document, ["limits"], machine, written["limits"]);
  const unset = (MACHINES[machine]?.bounds ?? []).filter(
    (bound) => !Object.hasOwn(groupOf(written["limits"]), bound),
  );
  const asked = askedBy(machine);
  const filled = SLOTS.filter((slot) => Object.hasOwn(groupOf(written["slots"]), slot));
  return {
    limits,
    verify: proving.verify,
    faults: [
      ...faults,
      ...proving.faults,
      ...unset.map((bound) => {
        const message = `the machine ${machine} needs the limit ${bound}`;
        return document.fault("limit-missing", ["limits", bound], message);
      }),
      ...asked
        .filter((slot) => !filled.includes(slot))
        .map((slot) => {
          const message = `the machine ${machine} asks for the slot ${slot}, and nothing fills it`;
          return document.fault("slot-missing", ["slots", slot], message);
        }),
      ...filled
        .filter((slot) => !asked.includes(slot) && slot !== "evidence")
        .map((slot) => {
          const message = `the machine ${machine} never asks for the slot ${slot}`;
          return document.faultAtKey("slot-unused", ["slots", slot], message);
        }),
    ],
  };
}

/**
 * Which slots does a machine want filled? Read off its own description. What has to be undone is known from what was done, so no
 * runbook says it; evidence may be collected for every kind.
 */
export function askedBy(machine: string): readonly Slot[] {
  const asked = new Set<string>();
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    else if (typeof value === "object" && value !== null) {
      if ("type" in value && value.type === "ask" && "params" in value) {
        const { params } = value;
        if (typeof params === "object" && params !== null && "slot" in params) {
          asked.add(String(params.slot));
        }
      }
      Object.values(value).forEach(walk);
    }
  };
  walk(MACHINES[machine]?.machine.config);
  return SLOTS.filter((slot) => asked.has(slot) && slot !== "undo");
}
