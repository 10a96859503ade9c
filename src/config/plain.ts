/** Reads a tree that nobody has validated yet. What is not of the wanted shape is as if it were not there. */

export function groupOf(value: unknown): { readonly [key: string]: unknown } {
  return isGroup(value) ? value : {};
}

export function isGroup(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textsOf(value: unknown): readonly string[] {
  return listOf(value).filter((item) => typeof item === "string");
}

/** The value at a path; undefined where the tree has none. */
export function valueAt(tree: unknown, path: readonly (string | number)[]): unknown {
  let current = tree;
  for (const step of path) {
    if (Array.isArray(current) && typeof step === "number") current = current[step];
    else if (isGroup(current) && Object.hasOwn(current, step)) current = current[step];
    else return undefined;
  }
  return current;
}

/** Plain data that nobody can change any more. */
export function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
}
