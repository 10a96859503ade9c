import { z } from "zod";

import { groupOf } from "./plain.ts";
import type { Path } from "./fault.ts";

/** The keys that a schema knows at a path of a tree, for "did you mean". */
export function keysAt(schema: z.core.$ZodType, path: Path, tree: unknown): readonly string[] {
  const [step, ...rest] = path;
  const bare = unwrap(schema);
  if (bare instanceof z.ZodDiscriminatedUnion) {
    return optionsFor(bare, tree).flatMap((option) => keysAt(option, path, tree));
  }
  if (step === undefined) return bare instanceof z.ZodObject ? Object.keys(bare.shape) : [];
  const inner = innerOf(bare, String(step));
  return inner === undefined ? [] : keysAt(inner, rest, Reflect.get(Object(tree), step));
}

/** Every key a schema knows, as the reference names it: `targets[].probes[].every`. */
export function allKeys(schema: z.core.$ZodType, prefix = ""): readonly string[] {
  const bare = unwrap(schema);
  if (bare instanceof z.ZodObject) {
    return Object.entries(bare.shape).flatMap(([key, inner]) => {
      const path = prefix === "" ? key : `${prefix}.${key}`;
      return [path, ...allKeys(inner, path)];
    });
  }
  if (bare instanceof z.ZodArray) return allKeys(bare.element, `${prefix}[]`);
  if (bare instanceof z.ZodRecord) return allKeys(bare.valueType, `${prefix}.<name>`);
  if (bare instanceof z.ZodUnion) {
    return [...new Set(bare.options.flatMap((option) => allKeys(option, prefix)))];
  }
  return [];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  ) {
    return unwrap(schema.unwrap());
  }
  return schema;
}

function innerOf(schema: z.core.$ZodType, step: string): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) {
    return Object.hasOwn(schema.shape, step) ? schema.shape[step] : undefined;
  }
  if (schema instanceof z.ZodArray) return schema.element;
  return schema instanceof z.ZodRecord ? schema.valueType : undefined;
}

/** The option of the tree's own kind. */
function optionsFor(union: z.ZodDiscriminatedUnion, tree: unknown): readonly z.core.$ZodType[] {
  const { discriminator } = union.def;
  const own = groupOf(tree)[discriminator];
  return union.options.filter(
    (option) =>
      option instanceof z.ZodObject && option.shape[discriminator]?.safeParse(own).success,
  );
}
