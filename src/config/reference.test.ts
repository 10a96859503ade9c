import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { FAULT_CODES } from "./fault.ts";
import { allKeys } from "./keys.ts";
import { Schema } from "./schema.ts";

const FOLDER = join(import.meta.dirname, "..", "..");
const PAGE = readFileSync(join(FOLDER, "docs", "reference", "configuration.md"), "utf8");

/** The first cells of all tables under these headings. */
function cellsUnder(headings: RegExp): readonly string[] {
  return PAGE.split(/^## /m)
    .filter((section) => headings.test(section))
    .flatMap((section) =>
      [...section.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] ?? ""),
    )
    .toSorted();
}

it("lists every key of the configuration and no other", () => {
  const keys = allKeys(Schema);
  expect(keys.length).toBeGreaterThan(40);
  expect(cellsUnder(/^Keys/)).toEqual(keys.toSorted());
});

it("lists every code of a fault and no other", () => {
  expect(cellsUnder(/^Faults/)).toEqual(FAULT_CODES.toSorted());
});

it("lists every variable that is read and no other", () => {
  const source = readFileSync(join(import.meta.dirname, "environment.ts"), "utf8");
  const names = [...source.matchAll(/read(?:Url)?\("([A-Z_]+)"/g)].map((match) => match[1] ?? "");
  expect(cellsUnder(/^Environment/)).toEqual([...new Set(names)].toSorted());
});

/** Every code is the expectation of some row: what no test can reach would be documentation of nothing. */
it("has a test for every code of a fault", () => {
  const tests = ["load.rows.ts", "load.test.ts", "runbooks.test.ts", "dead-ends.test.ts"]
    .map((name) => readFileSync(join(import.meta.dirname, name), "utf8"))
    .join("\n");
  expect(FAULT_CODES.filter((code) => !new RegExp(`["\` ]${code}[" \`]`).test(tests))).toEqual([]);
});
