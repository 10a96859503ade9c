import type { z } from "zod";

import type { SourceDocument } from "./document.ts";
import type { Fault, Path } from "./fault.ts";
import { keysAt } from "./keys.ts";
import { isGroup, valueAt } from "./plain.ts";
import { hint } from "./suggest.ts";

interface Frame {
  readonly document: SourceDocument;
  readonly schema: z.core.$ZodType;
  /** The tree that was validated. */
  readonly tree: unknown;
  /** Whether the value at this path must not be shown. */
  readonly isHidden: (path: Path) => boolean;
}

/** What the schema found, in words of ours and with its places. */
export function fromIssues(issues: readonly z.core.$ZodIssue[], frame: Frame): readonly Fault[] {
  return issues.flatMap((issue) => fromIssue(issue, frame));
}

function fromIssue(issue: z.core.$ZodIssue, frame: Frame): readonly Fault[] {
  const { document, schema, tree, isHidden } = frame;
  const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  const value = valueAt(tree, path);
  const found = `found ${isHidden(path) ? "a value that is not shown" : describe(value)}`;
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = keysAt(schema, path, tree);
      // The document has found it by itself, also where zod looks away.
      const keys = issue.keys.filter((key) => key !== "__proto__");
      return keys.map((key) =>
        document.faultAtKey(
          "unknown-key",
          [...path, key],
          `unknown key "${key}"${hint(key, known)}`,
        ),
      );
    }
    case "invalid_key": {
      const [inner] = issue.issues;
      return [
        document.faultAtKey("wrong-value", path, `as a name: ${inner?.message ?? issue.message}`),
      ];
    }
    case "invalid_union":
      return "discriminator" in issue
        ? [fromKind(issue, path, value, frame)]
        : [document.fault("wrong-type", path, `expected ${oneOf(issue.errors)}, ${found}`)];
    case "invalid_type": {
      const expected = issue.message.startsWith("expected ")
        ? issue.message
        : `expected ${WORDS[issue.expected] ?? issue.expected}`;
      if (value === undefined) return [document.fault("missing", path, `missing: ${expected}`)];
      return [document.fault("wrong-type", path, `${expected}, ${found}${onReference(value)}`)];
    }
    case "invalid_value": {
      const expected = `expected ${issue.values.map((option) => JSON.stringify(option)).join(" or ")}`;
      if (value === undefined) return [document.fault("missing", path, `missing: ${expected}`)];
      const code = path.length === 1 && path[0] === "version" ? "version" : "wrong-value";
      return [document.fault(code, path, `${expected}, ${found}`)];
    }
    default: {
      const isSaid =
        / found | not shown/.test(issue.message) || isGroup(value) || Array.isArray(value);
      const message = isSaid ? issue.message : `${issue.message}, ${found}`;
      return [document.fault("wrong-value", path, message)];
    }
  }
}

/** The kinds of a union are options of the schema; zod names them only in its own words. */
function fromKind(
  issue: z.core.$ZodIssueInvalidUnion,
  path: Path,
  value: unknown,
  { document }: Frame,
): Fault {
  const options = "options" in issue && Array.isArray(issue.options) ? issue.options : [];
  const expected = `expected one that is known (${options.join(", ")})`;
  if (value === undefined) return document.fault("missing", path, `missing: ${expected}`);
  const code = path.at(-1) === "action" ? "action-unknown" : "unknown-kind";
  return document.fault(code, path, `${expected}, found ${describe(value)}`);
}

const WORDS: { readonly [type: string]: string } = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a group of keys",
  record: "a group of keys",
  null: "null",
};

function oneOf(errors: readonly (readonly z.core.$ZodIssue[])[]): string {
  const words = errors.flatMap(([first]) =>
    first?.code === "invalid_type" ? [WORDS[first.expected] ?? first.expected] : [],
  );
  return words.length === 0 ? "another value" : [...new Set(words)].join(" or ");
}

/** A value of the file in few words. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a group of keys";
  const text = JSON.stringify(value);
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}

function onReference(value: unknown): string {
  return isGroup(value) && ("env" in value || "file" in value)
    ? " (no reference is possible here)"
    : "";
}
