import { z } from "zod";

import { problem } from "../../domain/problem.ts";
import type { Call, Graphql, Variables } from "../graphql.ts";
import { failure, success, type Result } from "../result.ts";

/** Accepted, not done. */
export interface Accepted {
  readonly accepted: true;
}

/**
 * Sends a mutation once and reads the one field it answers. Only a clear no is a plain failure; whatever leaves open
 * whether it was carried out is `ambiguous`.
 */
export async function mutateFor<T>(
  graphql: Graphql,
  asked: {
    readonly document: string;
    readonly field: string;
    readonly variables: Variables;
    readonly shape: z.ZodType<T>;
  },
  call: Call,
): Promise<Result<T>> {
  const reply = await graphql.mutate(asked.document, asked.variables, call);
  if (!reply.ok) return reply;
  const { data, errors, doubtful } = reply.value;
  const answer = data?.[asked.field];
  const read = asked.shape.safeParse(answer);
  if (read.success) return success(read.data);
  const [refusal] = errors;
  if (refusal !== undefined) return failure(refusal.problem, doubtful);
  if (answer === false)
    return failure(problem("railway-refused", "Railway answered false"), doubtful);
  return failure(problem("railway-unreadable", "neither a word we know nor an error came"), true);
}

/** The answer `true`. */
export const Yes: z.ZodType<Accepted> = z
  .literal(true)
  .transform((): Accepted => ({ accepted: true }));
