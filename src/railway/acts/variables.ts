import { createHmac, randomBytes, randomUUID } from "node:crypto";

/** Which variables there are, and a mark by which a later look can tell what changed. Never a value. */
export interface VariableNames {
  readonly names: readonly string[];
  readonly mark: string;
}

/** What differs from an earlier look. `values` is null when that look was made by another process. */
export interface VariableChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly values: readonly string[] | null;
}

/** One variable. Its value is told only where it is one of those that were asked about: anything else may be a secret. */
export type VariableState =
  | { readonly kind: "value"; readonly value: string }
  | { readonly kind: "absent" }
  /** It holds something else, refers to another one, or cannot be read. */
  | { readonly kind: "other" };

/** How a variable stands among all of a service, which are unrendered: a reference is not the value it refers to. */
export function stateIn(
  variables: { readonly [name: string]: unknown },
  name: string,
  asked: readonly string[],
): VariableState {
  if (!Object.hasOwn(variables, name)) return { kind: "absent" };
  const value = variables[name];
  return typeof value === "string" && asked.includes(value)
    ? { kind: "value", value }
    : { kind: "other" };
}

/** How many looks are remembered. */
const MARKS_MAX = 16;

export interface VariableBook {
  note(variables: { readonly [name: string]: unknown }): VariableNames;
  compare(before: VariableNames, variables: { readonly [name: string]: unknown }): VariableChanges;
}

/**
 * Remembers variables by keyed digests in this process only: values are secrets, and a digest that was stored
 * could be guessed for short ones.
 */
export function createVariableBook(): VariableBook {
  const key = randomBytes(32);
  const looks = new Map<string, ReadonlyMap<string, string>>();
  const digest = (value: unknown): string =>
    createHmac("sha256", key).update(JSON.stringify(value)).digest("base64");
  const digests = (variables: { readonly [name: string]: unknown }) =>
    new Map(Object.entries(variables).map(([name, value]) => [name, digest(value ?? null)]));
  return {
    note(variables) {
      const mark = randomUUID();
      looks.set(mark, digests(variables));
      const [oldest] = looks.keys();
      if (looks.size > MARKS_MAX && oldest !== undefined) looks.delete(oldest);
      return { names: Object.keys(variables).sort(), mark };
    },
    compare(before, variables) {
      const now = digests(variables);
      const then = looks.get(before.mark);
      const names = [...now.keys()].sort();
      return {
        added: names.filter((name) => !before.names.includes(name)),
        removed: before.names.filter((name) => !now.has(name)),
        values:
          then === undefined
            ? null
            : names.filter((name) => then.has(name) && then.get(name) !== now.get(name)),
      };
    },
  };
}
