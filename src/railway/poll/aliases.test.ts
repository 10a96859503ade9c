import { existsSync, readFileSync } from "node:fs";

import { buildSchema, parse, validate } from "graphql";
import { describe, expect, test } from "vitest";

import { aliasFor, aliasForAll, FEATURES, pollDocument, split, type Feature } from "./aliases.ts";

const REFERENCE = new URL("../../../../shared/reference/railway-schema.graphql", import.meta.url);
const TWIN = new URL("../../../twin/platform/schema.graphql", import.meta.url);
const isThere = existsSync(REFERENCE);
if (!isThere) {
  // oxlint-disable-next-line no-console -- a skipped suite must be heard
  console.warn("Railway's schema is not there: polls are only validated against the twin's");
}
const GRAIN = { usageSeconds: 30, edgeSeconds: 60, logRows: 500 };
const PER_SERVICE: readonly Feature[] = ["executions", "statuses", "durations"];

function all(services: number) {
  const shared = FEATURES.filter((feature) => !PER_SERVICE.includes(feature)).map(aliasForAll);
  const own = Array.from({ length: services }, (_, place) =>
    PER_SERVICE.map((feature) => aliasFor(feature, `id-${place}`, place)),
  );
  return [...shared, ...own.flat()];
}

describe.each([
  ["Railway's schema", REFERENCE, isThere],
  ["the twin's", TWIN, true],
])("polls are known to %s", (_name, url, isHere) => {
  const schema = isHere ? buildSchema(readFileSync(url, "utf8"), { assumeValid: true }) : null;

  test.skipIf(!isHere).each(FEATURES)("%s alone", (feature) => {
    const alias = PER_SERVICE.includes(feature) ? aliasFor(feature, "a", 0) : aliasForAll(feature);
    const { document } = pollDocument([alias], GRAIN);
    expect(schema === null ? [] : validate(schema, parse(document))).toEqual([]);
  });

  test.skipIf(!isHere)("everything of five targets", () => {
    const { document, ids } = pollDocument(all(5), GRAIN);
    expect(schema === null ? [] : validate(schema, parse(document))).toEqual([]);
    expect(Object.values(ids)).toEqual(["id-0", "id-1", "id-2", "id-3", "id-4"]);
  });
});

describe("a poll is as few requests as Railway's complexity allows", () => {
  test.each([
    [1, 1],
    [5, 1],
    [6, 2],
    [20, 4],
  ])("%i services in %i", (services, requests) => {
    const aliases = all(services);
    const parts = split(aliases);
    expect(parts).toHaveLength(requests);
    expect(parts.flat()).toEqual(aliases);
    for (const part of parts) expect(part.length).toBeLessThanOrEqual(20);
  });
});
