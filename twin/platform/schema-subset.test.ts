import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import { differences, referenceSchema, validateOperation } from "./schema-subset.ts";
import { twinSchema } from "./schema.ts";

const reference = referenceSchema();
if (reference === undefined) {
  process.stderr.write(
    "SKIPPED: Railway's schema is not here; the twin's is not compared with it.\n",
  );
}

test.skipIf(reference === undefined)("the twin's schema is a true subset of Railway's", () => {
  if (reference === undefined) throw new Error("Unreachable.");
  expect(differences(twinSchema, reference)).toEqual([]);
});

test("each kind of difference is found", () => {
  const real = buildSchema(`
    enum Colour { RED GREEN }
    input Wish { what: String! how: Int }
    type Query { a(x: Int!): Int! b: Colour c(wish: Wish): String }`);
  const own = buildSchema(`
    enum Colour { RED }
    input Wish { how: String }
    type Other { z: Int }
    type Query { a: Int b: Colour c(wish: Wish, more: Int): String d: Other }`);
  expect(differences(own, real)).toEqual([
    "Colour has other values",
    "Wish.what is required and missing",
    "Wish.how is String, really Int",
    "Other does not exist",
    "Query.a is Int, really Int!",
    "Query.a(x) is required and missing",
    "Query.c(more) does not exist",
    "Query.d does not exist",
  ]);
});

test("an operation is judged by both schemas", () => {
  const good = validateOperation("mutation R($id: String!) { deploymentRestart(id: $id) }");
  expect(good.twin).toEqual([]);
  expect(good.railway).toEqual(reference === undefined ? "missing" : []);
  const bad = validateOperation('{ deployment(id: "x") { mood } }');
  expect(bad.twin).toEqual(['Cannot query field "mood" on type "Deployment".']);
});
