import type { Registered } from "../probes/definition.ts";
import { probes } from "../probes/index.ts";
import { dirname, resolve } from "node:path";

import type { SourceDocument } from "./document.ts";
import type { Environment } from "./environment.ts";
import type { Fault, Path } from "./fault.ts";
import { readText } from "./files.ts";
import { groupOf, isGroup, valueAt } from "./plain.ts";

/** Where a text may be a reference instead: what is secret or differs between environments. */
const PLACES: readonly Path[] = [
  ["targets", "*", "service"],
  ["targets", "*", "url"],
  ["targets", "*", "probes", "*", "url"],
  ["targets", "*", "probes", "*", "headers", "*"],
  ["targets", "*", "probes", "*", "secret"],
  ["hooks", "*", "secret"],
  ["switches", "*", "drivers", "*", "url"],
  ["switches", "*", "drivers", "*", "secret"],
  ["switches", "*", "drivers", "*", "token"],
  ["slack", "webhook"],
  ["deadman", "url"],
  ["railway", "project"],
  ["railway", "environment"],
  ["railway", "status"],
];

export interface Resolved {
  /** The tree with values in the place of references. */
  readonly tree: unknown;
  readonly faults: readonly Fault[];
  /** Whether the value of this path must not be shown. */
  readonly isHidden: (path: Path) => boolean;
  /** Whether the place already has a fault, so that the schema's word on it would be noise. */
  readonly isJudged: (path: Path) => boolean;
}

interface Options {
  readonly env: Environment;
  /** The configuration's own path: references to files are relative to it. */
  readonly source: string;
  readonly signal?: AbortSignal | undefined;
}

/** Replaces every `{ env: NAME }` and `{ file: PATH }` by its value, and refuses secrets that stand there openly. */
export async function resolveReferences(
  document: SourceDocument,
  options: Options,
): Promise<Resolved> {
  const faults: Fault[] = [];
  const replaced = new Set<string>();
  const judged = new Set<string>();
  const judge = (fault: Fault, path: Path): string => {
    faults.push(fault);
    judged.add(keyOf(path));
    return "";
  };

  async function walk(value: unknown, path: Path): Promise<unknown> {
    if (PLACES.some((place) => isMatch(place, path))) return replace(value, path);
    if (Array.isArray(value)) {
      const items: unknown[] = [];
      for (const [index, item] of value.entries()) items.push(await walk(item, [...path, index]));
      return items;
    }
    if (!isGroup(value)) return value;
    const entries: [string, unknown][] = [];
    for (const [key, inner] of Object.entries(value)) {
      entries.push([key, await walk(inner, [...path, key])]);
    }
    return Object.fromEntries(entries);
  }

  async function replace(value: unknown, path: Path): Promise<unknown> {
    if (typeof value === "string" && isSecret(document.tree, path, value)) {
      const message =
        "secrets only by environment or file reference: { env: NAME } or { file: PATH }";
      return judge(document.fault("secret-literal", path, message), path);
    }
    if (!isGroup(value)) return value;
    replaced.add(keyOf(path));
    const read = await readReference(value, options);
    return read.ok ? read.value : judge(document.fault(read.code, path, read.message), path);
  }

  const tree = await walk(document.tree, []);
  return {
    tree,
    faults,
    isHidden: (path) =>
      replaced.has(keyOf(path)) ||
      path.some((step) => HIDDEN_KEYS.includes(step)) ||
      isSecret(document.tree, path, ""),
    isJudged: (path) => judged.has(keyOf(path)),
  };
}

/** Whatever stands at these keys may hold a password, also where it is none by the schema. */
const HIDDEN_KEYS: Path = ["url", "webhook", "secret", "token", "headers", "railway"];
const SECRET_HEADER = /authorization|cookie|token|secret|api-?key|password/i;

function isSecret(tree: unknown, path: Path, literal: string): boolean {
  const last = path.at(-1);
  if (path[0] === "deadman" && last === "url") return true;
  if (last === "secret" || last === "webhook" || last === "token") return true;
  if (path.at(-2) === "headers") return SECRET_HEADER.test(String(last));
  const kind = groupOf(valueAt(tree, path.slice(0, -1)))["kind"];
  if (last === "url" && isSecretUrl(kind)) return true;
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]*:[^/?#\s]*@/i.test(literal);
}

function isSecretUrl(kind: unknown): boolean {
  return typeof kind === "string" && secretUrls.has(kind);
}

/** Kinds of probes whose address holds a password. */
const secretUrls: ReadonlySet<string> = new Set(
  Object.values<Registered>(probes)
    .filter(({ isSecretUrl }) => isSecretUrl === true)
    .map(({ kind }) => kind),
);

type Read =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly code: Fault["code"]; readonly message: string };

/** Capitals only: a secret that was put where its name belongs would otherwise be printed as the name. */
const VARIABLE = /^[A-Z_][A-Z0-9_]*$/;
const REFERENCE_BYTES_MAX = 64 * 1024;

async function readReference(
  reference: { readonly [key: string]: unknown },
  { env, source, signal }: Options,
): Promise<Read> {
  const { env: name, file, ...others } = reference;
  const isOne = (name === undefined) !== (file === undefined) && Object.keys(others).length === 0;
  if (isOne && typeof name === "string" && VARIABLE.test(name)) {
    const value = env[name]?.trim();
    if (value !== undefined && value !== "") return { ok: true, value };
    const state = value === undefined ? "not set" : "empty";
    return {
      ok: false,
      code: "env-unset",
      message: `the environment variable ${name} is ${state}`,
    };
  }
  if (isOne && typeof file === "string" && file !== "") {
    const read = await readText(resolve(dirname(source), file), REFERENCE_BYTES_MAX, signal);
    const value = read.ok ? read.text.trim() : "";
    if (value !== "") return { ok: true, value };
    const why = read.ok ? "it is empty" : read.why;
    const message = `cannot read the file ${JSON.stringify(file)}: ${why}`;
    return { ok: false, code: "reference-unreadable", message };
  }
  const message =
    "expected a text, { env: NAME } with the name of a variable in capitals, or { file: PATH }";
  return { ok: false, code: "reference-malformed", message };
}

function isMatch(place: Path, path: Path): boolean {
  return (
    place.length === path.length &&
    place.every((step, index) => step === "*" || step === path[index])
  );
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}
