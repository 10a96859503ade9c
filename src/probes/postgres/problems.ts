import { problem, type ProblemCode } from "../../domain/problem.ts";
import { short, type Finding } from "../looking.ts";
import { byNetwork, codeOf } from "../network.ts";

/** What an error on the way to PostgreSQL, or of PostgreSQL, says of it. */
export function byDatabase(error: unknown): Finding {
  const message = error instanceof Error ? error.message : String(error);
  const state = codeOf(error);
  const rule = STATES[state];
  if (rule !== undefined) return { value: rule[0], problem: problem(rule[1], of(state, message)) };
  const network = byNetwork(error);
  if (network !== null) return network;
  if (message.startsWith("Connection terminated")) {
    return { value: 0, problem: problem("connection-reset", message) };
  }
  if (/support SSL connections|establishing an SSL/.test(message)) {
    return { value: null, problem: problem("tls-failed", message) };
  }
  return { value: null, problem: problem("probe-failed", of(state, message)) };
}

/** True for an error of one statement that leaves the connection as it was: not allowed, not known, or too slow. */
export function isAboutStatement(error: unknown): boolean {
  return /^((42|0A)[0-9A-Z]{3}|57014)$/.test(codeOf(error));
}

const STATES: { readonly [sqlstate: string]: readonly [0 | null, ProblemCode] } = {
  "57P01": [0, "connection-reset"],
  "57P02": [0, "connection-reset"],
  "57P03": [0, "database-recovering"],
  "53300": [null, "connections-exhausted"],
  "28000": [null, "authentication-failed"],
  "28P01": [null, "authentication-failed"],
};

function of(state: string, message: string): string {
  return short(state === "" ? message : `${message} (${state})`, 200);
}
