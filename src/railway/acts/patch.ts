import assert from "node:assert/strict";

import type { Json } from "../../domain/json.ts";

/** What this client may write into the environment's configuration, path by path. `*` is any one name. */
const ALLOWED: readonly (readonly string[])[] = [
  ["services", "*", "deploy", "multiRegionConfig", "*"],
  ["services", "*", "deploy", "multiRegionConfig", "*", "numReplicas"],
];

/** As Railway names services and regions: nothing that could be another key of the configuration. */
const NAME = /^[0-9a-z][0-9a-z-]{1,62}$/;

const REPLICAS_MAX = 50;

/**
 * A patch that sets how many replicas run where; null empties a region. Throws on anything else: on the real
 * platform one wrong key (`isDeleted`) deletes a service, and 0 is refused.
 */
export function replicasPatch(
  serviceId: string,
  regions: { readonly [region: string]: number | null },
): Json {
  const multiRegionConfig = Object.fromEntries(
    Object.entries(regions).map(([region, count]) => [
      region,
      count === null ? null : { numReplicas: count },
    ]),
  );
  const patch = { services: { [serviceId]: { deploy: { multiRegionConfig } } } };
  assertAllowed(patch);
  return patch;
}

/** Throws when a patch writes anything but numbers of replicas. */
export function assertAllowed(patch: Json): void {
  for (const { path, value } of leavesOf(patch, [])) {
    const isAllowed = ALLOWED.some(
      (allowed) =>
        allowed.length === path.length &&
        allowed.every((part, place) => {
          const name = path[place] ?? "";
          return part === "*" ? NAME.test(name) : part === name;
        }),
    );
    assert(isAllowed, `the patch may not write ${path.join(".")}`);
    const isEmptied = value === null && path.at(-1) !== "numReplicas";
    const isCount = typeof value === "number" && Number.isInteger(value);
    assert(
      isEmptied || (isCount && path.at(-1) === "numReplicas" && value >= 1),
      `${path.join(".")} is no number of replicas`,
    );
    assert(!isCount || value <= REPLICAS_MAX, `${path.join(".")} is above ${REPLICAS_MAX}`);
  }
}

function leavesOf(
  value: Json,
  path: readonly string[],
): readonly { readonly path: readonly string[]; readonly value: Json }[] {
  if (typeof value !== "object" || value === null) return [{ path, value }];
  const entries = Object.entries(value);
  if (entries.length === 0) return [{ path, value }];
  return entries.flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}
