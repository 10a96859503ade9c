/** What survives a round trip through JSON: the only thing that is ever stored or hashed. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

export type JsonObject = { readonly [key: string]: Json };

/** One text for one value: keys sorted, `undefined` left out. Two equal values have equal hashes. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** The object at a JSON place that should hold one. */
export function objectOf(value: Json | undefined): JsonObject | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : null;
}

/** A text from a JSON place that should hold one; anything else is the fallback. */
export function textOf(value: Json | undefined, fallback = ""): string {
  return typeof value === "string" ? value : fallback;
}
