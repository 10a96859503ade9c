import { existsSync, readFileSync } from "node:fs";

import { buildSchema, parse, validate } from "graphql";
import { describe, expect, test } from "vitest";

import { lookAt, OPERATIONS, PARTS, type Part } from "./operations.ts";

const REFERENCE = new URL("../../../shared/reference/railway-schema.graphql", import.meta.url);
const isThere = existsSync(REFERENCE);
if (!isThere) {
  // oxlint-disable-next-line no-console -- a skipped suite must be heard
  console.warn("Railway's schema is not there: operations are only parsed, not validated");
}

describe.skipIf(!isThere)("every document this client can send is one Railway knows", () => {
  // Railway deprecates fields in ways the newest `graphql` calls invalid; that is Railway's own affair.
  const schema = isThere
    ? buildSchema(readFileSync(REFERENCE, "utf8"), { assumeValid: true })
    : null;

  test.each(Object.entries(OPERATIONS))("%s", (_name, document) => {
    expect(schema === null ? [] : validate(schema, parse(document))).toEqual([]);
  });

  test.each(subsets())("a look at %j", (parts) => {
    expect(schema === null ? [] : validate(schema, parse(lookAt(parts)))).toEqual([]);
  });

  test("a field Railway does not have is found", () => {
    const broken = OPERATIONS.Restart.replace("deploymentRestart", "deploymentReboot");
    expect(schema === null ? [null] : validate(schema, parse(broken))).toHaveLength(1);
  });
});

test("operations carry their own name, for the address and the server's logs", () => {
  for (const [name, document] of Object.entries(OPERATIONS)) {
    expect(document).toMatch(new RegExp(`^(query|mutation) ${name}\\b`));
    expect(() => parse(document)).not.toThrow();
  }
});

function subsets(): [readonly Part[]][] {
  return Array.from({ length: 2 ** PARTS.length - 1 }, (_, bits) => [
    PARTS.filter((_part, place) => ((bits + 1) >> place) % 2 === 1),
  ]);
}
