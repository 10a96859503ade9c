import {
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
} from "yaml";

import { spellPath, type Fault, type FaultCode, type Path } from "./fault.ts";

/** A YAML file as plain data that still knows where everything stands. */
export interface SourceDocument {
  readonly tree: unknown;
  /** A fault at the value of this path, or at what is nearest to it when there is none. */
  fault(code: FaultCode, path: Path, message: string): Fault;
  /** A fault at the last step of the path as a key. */
  faultAtKey(code: FaultCode, path: Path, message: string): Fault;
}

export type Reading =
  | { readonly ok: true; readonly document: SourceDocument; readonly faults: readonly Fault[] }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Above this, aliases multiply a small file into a large tree. */
const ALIASES_MAX = 100;

/** More faults of the syntax than a person reads at once; a broken file can have one for each character. */
const SYNTAX_FAULTS_MAX = 20;

/**
 * Reads one YAML document. A duplicate key does not hinder further checks, every other fault of the syntax
 * does: what stands behind it would only be guessed.
 */
export function readDocument(text: string): Reading {
  const lineCounter = new LineCounter();
  // Pretty errors would quote the line, and with it whatever secret stands there.
  const yaml = parseDocument(text, { prettyErrors: false, lineCounter, logLevel: "error" });
  const at = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const faults = [...syntaxFaults(yaml, at), ...prototypeKeys(yaml, at)];
  if (faults.some(({ code }) => code === "yaml-syntax")) return { ok: false, faults };
  let tree: unknown;
  try {
    tree = yaml.toJS({ maxAliasCount: ALIASES_MAX });
  } catch {
    return { ok: false, faults: [...faults, whole("yaml-syntax", NO_ANCHOR)] };
  }
  if (tree === null) return { ok: false, faults: [...faults, whole("file-empty", EMPTY)] };
  const placed = (code: FaultCode, path: Path, message: string, of: "key" | "value"): Fault => {
    return { code, path: spellPath(path), ...at(offsetIn(yaml.contents, path)[of]), message };
  };
  return {
    ok: true,
    faults,
    document: {
      tree,
      fault: (code, path, message) => placed(code, path, message, "value"),
      faultAtKey: (code, path, message) => placed(code, path, message, "key"),
    },
  };
}

const NO_ANCHOR = `an alias (*name) has no anchor before it, or there are more than ${ALIASES_MAX}`;
const EMPTY = "the file is empty; docs/reference/configuration.md shows the shortest useful one";

type Place = Pick<Fault, "line" | "column">;

function whole(code: FaultCode, message: string): Fault {
  return { code, path: "", line: 0, column: 0, message };
}

function syntaxFaults(yaml: Document, at: (offset: number) => Place): readonly Fault[] {
  return [...yaml.errors, ...yaml.warnings].slice(0, SYNTAX_FAULTS_MAX).map(({ code, pos }) => {
    if (code !== "DUPLICATE_KEY") {
      return { code: "yaml-syntax", path: "", ...at(pos[0]), message: wordsFor(code) };
    }
    const message = "this key stands twice in the same place";
    return { code: "yaml-duplicate-key", path: "", ...at(pos[0]), message };
  });
}

/** An object cannot hold `__proto__` as a key, so nobody behind would see it. */
function prototypeKeys(yaml: Document, at: (offset: number) => Place): readonly Fault[] {
  const faults: Fault[] = [];
  visit(yaml, {
    Pair(_, { key }) {
      if (!isScalar(key) || key.value !== "__proto__") return;
      const place = at(key.range?.[0] ?? 0);
      faults.push({ code: "unknown-key", path: "", ...place, message: `unknown key "__proto__"` });
    },
  });
  return faults;
}

/** Where a path's value and key begin; what does not exist is at its nearest ancestor. */
function offsetIn(contents: unknown, path: Path): { readonly key: number; readonly value: number } {
  let node = contents;
  let key = startOf(node) ?? 0;
  let value = key;
  for (const step of path) {
    const pair = isMap(node)
      ? node.items.findLast((item) => isScalar(item.key) && String(item.key.value) === String(step))
      : undefined;
    const next = isPair(pair)
      ? pair.value
      : isSeq(node) && typeof step === "number"
        ? node.items[step]
        : undefined;
    if (pair === undefined && next === undefined) break;
    key = startOf(pair?.key) ?? startOf(next) ?? key;
    value = startOf(next) ?? key;
    node = next;
  }
  return { key, value };
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

/** The library's own texts may quote the file, and with it a secret. */
const WORDS: { readonly [code: string]: string } = {
  BAD_DQ_ESCAPE: "this escape is not one that a text in double quotes may hold",
  BAD_INDENT: "the indentation does not fit what stands above",
  BAD_SCALAR_START: "a text that begins with this character needs quotes",
  BLOCK_AS_IMPLICIT_KEY: 'a second ": " on one line: a text that holds one needs quotes',
  BLOCK_IN_FLOW: "a block cannot stand within [ ] or { }",
  MISSING_CHAR: "a bracket, quote, comma, colon or space is missing",
  MULTILINE_IMPLICIT_KEY: "a key must stand on one line with its colon",
  MULTIPLE_DOCS: "expected one document, found another one after ---",
  RESOURCE_EXHAUSTION: "nested too deeply",
  TAB_AS_INDENT: "tabs cannot indent: use spaces",
  TAG_RESOLVE_FAILED: "tags (!name) are not used here",
  UNEXPECTED_TOKEN: "this does not fit here",
};

function wordsFor(code: string): string {
  return `not valid YAML: ${WORDS[code] ?? code.toLowerCase().replaceAll("_", " ")}`;
}
