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

/** Where two JSON values differ first, as a path with both values for people; `null` when they are equal. The order of keys is none. */
export function firstDifference(
  one: unknown,
  other: unknown,
  path = "",
): { readonly path: string; readonly one: string; readonly other: string } | null {
  if (canonical(one) === canonical(other)) return null;
  if (!isBranch(one) || !isBranch(other) || Array.isArray(one) !== Array.isArray(other))
    return { path, one: shortJson(one), other: shortJson(other) };
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const inner = Array.isArray(one) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
    const found = firstDifference(Reflect.get(one, key), Reflect.get(other, key), inner);
    if (found !== null) return found;
  }
  return { path, one: shortJson(one), other: shortJson(other) };
}

function isBranch(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function shortJson(value: unknown): string {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) return "nothing";
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}
