import {
  Kind,
  parse,
  valueFromASTUntyped,
  type FieldNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";

type Values = { readonly [name: string]: unknown };

/** How the root fields of a schema are answered. */
export interface Roots {
  readonly [field: string]: (args: Values) => unknown;
}

/** An error of one root field, which by GraphQL's rules for non-null roots empties the whole answer. */
export class Refused extends Error {}

const parsed = new Map<string, OperationDefinitionNode>();

/** Answers a GraphQL document: exactly what it selects, under the names it gives. */
export function answer(document: string, variables: Values, roots: Roots): unknown {
  const { selectionSet } = operationOf(document);
  const data: { [name: string]: unknown } = {};
  for (const field of fieldsOf(selectionSet)) {
    const root = roots[field.name.value];
    const as = field.alias?.value ?? field.name.value;
    try {
      if (root === undefined)
        throw new Refused(`Cannot query field "${field.name.value}" on type "Query".`);
      data[as] = select(field, root(argsOf(field, variables)));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { data: null, errors: [{ message: error.message, path: [as] }] };
    }
  }
  return { data };
}

function operationOf(document: string): OperationDefinitionNode {
  const known = parsed.get(document);
  if (known !== undefined) return known;
  const operation = parse(document).definitions.find(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  );
  if (operation === undefined) throw new Error("a document without an operation");
  parsed.set(document, operation);
  return operation;
}

function fieldsOf(selection: SelectionSetNode): readonly FieldNode[] {
  return selection.selections.map((one) => {
    if (one.kind !== Kind.FIELD) throw new Error("this double knows no fragments");
    return one;
  });
}

function argsOf(field: FieldNode, variables: Values): Values {
  return Object.fromEntries(
    (field.arguments ?? []).map(({ name, value }) => [
      name.value,
      valueFromASTUntyped(value, variables),
    ]),
  );
}

function select(field: FieldNode, value: unknown): unknown {
  const { selectionSet } = field;
  if (value === null || value === undefined || selectionSet === undefined) return value ?? null;
  if (Array.isArray(value)) return value.map((one) => select(field, one));
  const chosen: { [name: string]: unknown } = {};
  for (const inner of fieldsOf(selectionSet)) {
    const name = inner.name.value;
    if (!Object.hasOwn(value, name))
      throw new Error(`the double lacks ${field.name.value}.${name}`);
    chosen[inner.alias?.value ?? name] = select(inner, (value as Values)[name]);
  }
  return chosen;
}
