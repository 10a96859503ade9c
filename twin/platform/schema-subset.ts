import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  parse,
  validate,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from "graphql";
import { twinSchema } from "./schema.ts";

const REFERENCE = join(import.meta.dirname, "../../../shared/reference/railway-schema.graphql");

/** Railway's real schema, when it lies beside the repository; undefined otherwise. */
export function referenceSchema(): GraphQLSchema | undefined {
  if (!existsSync(REFERENCE)) return undefined;
  // Railway deprecates a field that an interface asks for, which the reference implementation calls invalid.
  return buildSchema(readFileSync(REFERENCE, "utf8"), { assumeValid: true });
}

/** What an operation violates: the twin's schema, and Railway's ("missing" when that is not there). */
export function validateOperation(document: string): {
  twin: string[];
  railway: string[] | "missing";
} {
  const reference = referenceSchema();
  const against = (schema: GraphQLSchema) =>
    validate(schema, parse(document)).map((error) => error.message);
  return {
    twin: against(twinSchema),
    railway: reference === undefined ? "missing" : against(reference),
  };
}

/** Every way in which `own` is not a subset of `reference`, one line each: types, fields, arguments, enum values. */
export function differences(own: GraphQLSchema, reference: GraphQLSchema): string[] {
  return Object.values(own.getTypeMap())
    .filter((type) => !type.name.startsWith("__"))
    .flatMap((type) => typeDifferences(type, reference.getType(type.name)));
}

function typeDifferences(type: GraphQLNamedType, real: GraphQLNamedType | undefined): string[] {
  const { name } = type;
  if (real === undefined) return [`${name} does not exist`];
  if (type.constructor !== real.constructor) return [`${name} is of another kind`];
  if (isEnumType(type) && isEnumType(real)) {
    // A value that is missing here could never be seen in a test, so enums have to be whole.
    const values = (it: typeof type) =>
      it
        .getValues()
        .map((value) => value.name)
        .sort();
    return values(type).join() === values(real).join() ? [] : [`${name} has other values`];
  }
  if (isInputObjectType(type) && isInputObjectType(real)) {
    const known = type.getFields();
    const missing = Object.values(real.getFields())
      .filter((field) => isRequiredInputField(field) && known[field.name] === undefined)
      .map((field) => `${name}.${field.name} is required and missing`);
    const other = Object.values(known).flatMap((field) => {
      const there = real.getFields()[field.name];
      return sameType(`${name}.${field.name}`, field, there);
    });
    return [...missing, ...other];
  }
  if (
    (isObjectType(type) && isObjectType(real)) ||
    (isInterfaceType(type) && isInterfaceType(real))
  ) {
    const implemented = (it: typeof type) => it.getInterfaces().map((of) => of.name);
    const foreign = implemented(type)
      .filter((of) => !implemented(real).includes(of))
      .map((of) => `${name} does not implement ${of}`);
    const fields = Object.values(type.getFields());
    return [
      ...foreign,
      ...fields.flatMap((it) => fieldDifferences(name, it, real.getFields()[it.name])),
    ];
  }
  return [];
}

function fieldDifferences(
  owner: string,
  field: GraphQLField<unknown, unknown>,
  real: GraphQLField<unknown, unknown> | undefined,
): string[] {
  const path = `${owner}.${field.name}`;
  if (real === undefined) return [`${path} does not exist`];
  const named = (args: readonly GraphQLArgument[], name: string) =>
    args.find((argument) => argument.name === name);
  const missing = real.args
    .filter((it) => isRequiredArgument(it) && named(field.args, it.name) === undefined)
    .map((it) => `${path}(${it.name}) is required and missing`);
  const other = field.args.flatMap((it) =>
    sameType(`${path}(${it.name})`, it, named(real.args, it.name)),
  );
  return [...sameType(path, field, real), ...missing, ...other];
}

function sameType(
  path: string,
  own: { type: unknown },
  real: { type: unknown } | undefined,
): string[] {
  if (real === undefined) return [`${path} does not exist`];
  const [is, ought] = [String(own.type), String(real.type)];
  return is === ought ? [] : [`${path} is ${is}, really ${ought}`];
}
