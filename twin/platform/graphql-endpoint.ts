import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import {
  execute,
  getOperationAST,
  GraphQLError,
  Kind,
  parse,
  validate,
  visit,
  type DocumentNode,
  type ExecutionResult,
} from "graphql";
import { z } from "zod";
import { answerWith, destroy, hang } from "./edge.ts";
import { createLimits, type Budget } from "./limits.ts";
import { carryOut } from "./mutations.ts";
import type { Platform } from "./platform.ts";
import { createResolvers } from "./resolvers.ts";
import { twinSchema } from "./schema.ts";
import { identify } from "./tokens.ts";

const requestSchema = z.object({
  query: z.string().max(100_000),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

/** `POST /graphql/v2`: the budget, the edge in front, then GraphQL as Railway answers it. */
export function addGraphql(app: FastifyInstance, platform: Platform, budget: Budget): void {
  const rule = createLimits(budget);
  const resolvers = createResolvers(platform);
  app.post("/graphql/v2", async (request, reply) => {
    platform.counters.graphqlRequests += 1;
    const fault = platform.faults.take("graphql");
    if (fault !== undefined) return answerWith(reply, fault);
    const ruling = rule(Date.now());
    reply.headers(ruling.headers);
    if (ruling.retryAfter !== undefined) {
      reply.code(429).header("Retry-After", String(ruling.retryAfter));
      return refusal(new GraphQLError("Rate limit exceeded"));
    }
    const read = requestSchema.safeParse(request.body);
    if (!read.success) return refusal(new GraphQLError("Problem processing request"));
    const { query, variables, operationName } = read.data;
    const document = parseAndValidate(query, platform.faults.find("unknown-field")?.fault.field);
    if (Array.isArray(document)) return refusal(...document);
    const run = async () =>
      execute({
        schema: twinSchema,
        document,
        rootValue: resolvers,
        contextValue: { identity: identify(request.headers, platform.tokens) },
        variableValues: variables ?? {},
        operationName: operationName ?? null,
      });
    const mutation = mutationName(document, operationName);
    if (mutation === undefined) return answer(await run());
    return mutate(platform, { mutation, variables: variables ?? {}, run }, request, reply);
  });
}

async function mutate(
  platform: Platform,
  asked: { mutation: string; variables: unknown; run: () => Promise<ExecutionResult> },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const outcome = await carryOut(platform, asked.mutation, asked.variables, asked.run);
  // Whoever asked may be gone by now, which does not make undone what was done.
  if (request.raw.socket.destroyed) return hang(reply);
  switch (outcome.kind) {
    case "answer":
      return answer(outcome.result);
    case "refuse":
      return refusal(new GraphQLError(outcome.message));
    case "destroy":
      return destroy(reply);
    case "hang":
      return hang(reply);
    default:
      throw new Error("Unknown outcome.");
  }
}

/** `lost`: the name of a field that the platform has removed. */
function parseAndValidate(query: string, lost: string | undefined): DocumentNode | GraphQLError[] {
  try {
    const document = parse(query, { maxTokens: 5_000 });
    const errors = [...validate(twinSchema, document), ...namesOf(document, lost)];
    return errors.length === 0 ? document : [...errors];
  } catch (error) {
    return [error instanceof GraphQLError ? error : new GraphQLError("Problem processing request")];
  }
}

function namesOf(document: DocumentNode, lost: string | undefined): GraphQLError[] {
  const errors: GraphQLError[] = [];
  visit(document, {
    Field: (node) => {
      if (node.name.value === lost)
        errors.push(new GraphQLError(`Cannot query field "${lost}" on type "Query".`));
    },
  });
  return errors;
}

function mutationName(
  document: DocumentNode,
  operationName: string | null | undefined,
): string | undefined {
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== "mutation") return undefined;
  const field = operation.selectionSet.selections.find((it) => it.kind === Kind.FIELD);
  return field?.name.value;
}

function answer(result: ExecutionResult): unknown {
  if (result.errors === undefined) return { data: result.data };
  return { errors: result.errors.map(dressed), data: result.data ?? null };
}

function refusal(...errors: GraphQLError[]): unknown {
  return { errors: errors.map(dressed), data: null };
}

/** Railway's errors say "internal server error" whatever they are, and carry a trace id. */
function dressed(error: GraphQLError): Record<string, unknown> {
  return {
    ...error.toJSON(),
    extensions: { code: "INTERNAL_SERVER_ERROR" },
    traceId: randomUUID().replaceAll("-", "").slice(0, 19),
  };
}
