import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSchema } from "graphql";

/** The twin's own SDL, a subset of Railway's. */
export const twinSchema = buildSchema(
  readFileSync(join(import.meta.dirname, "schema.graphql"), "utf8"),
);
