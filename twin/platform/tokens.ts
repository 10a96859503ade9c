import { GraphQLError } from "graphql";
import type { IncomingHttpHeaders } from "node:http";

export type Tokens = { project: string; account: string };

/** Whose request it is. An unknown Bearer token is nobody's, and is not refused; an unknown project token is. */
export type Identity = "project" | "account" | "anonymous" | "unknown-project-token";

/** Tells by the two headers who is asking. A good token in the wrong header counts for nothing. */
export function identify(headers: IncomingHttpHeaders, tokens: Tokens): Identity {
  const project = headers["project-access-token"];
  if (typeof project === "string") {
    if (project === tokens.project) return "project";
    return project === tokens.account ? "anonymous" : "unknown-project-token";
  }
  return headers.authorization === `Bearer ${tokens.account}` ? "account" : "anonymous";
}

/** Throws the platform's refusal unless the asker is one of `allowed`. */
export function authorize(identity: Identity, allowed: readonly Identity[]): void {
  if (identity === "unknown-project-token") throw new GraphQLError("Project Token not found");
  if (!allowed.includes(identity)) throw notAuthorized();
}

/** Railway's answer to a missing permission and to an id that does not exist alike. */
export function notAuthorized(): GraphQLError {
  return new GraphQLError("Not Authorized");
}
