import type { Call } from "../railway/graphql.ts";
import type { Railway } from "../railway/railway.ts";
import type { Problem, ProblemCode } from "../domain/problem.ts";

/** What was found out. Ordered by how well it is known; `off`: nobody wants it. */
export const ANSWERS = ["yes", "expected", "unknown", "no", "off"] as const;
export type Answer = (typeof ANSWERS)[number];

/**
 * One thing that the configuration wants, and whether it can be had. `expected`: every read it needs works, and the act itself is
 * reported to work with such a token; `unknown`: nobody can say before the first time. Holds no secret.
 */
export interface Finding {
  readonly about:
    | "token"
    | "environment"
    | "quota"
    | "target"
    | "action"
    | "switch"
    | "data-folder"
    | "slack";
  readonly name: string;
  readonly answer: Answer;
  readonly detail: string;
}

/** Railway, as a person's question may use it. */
export interface Asking {
  readonly railway: Railway;
  readonly call: Call;
  /** Awaited before each request: ten a second are too many. */
  readonly rest: () => Promise<void>;
}

/** Railway did not answer the question; what it would have said is not known by that. */
const UNANSWERED: readonly ProblemCode[] = [
  "railway-rate-limited",
  "railway-budget",
  "railway-unreachable",
];

/** What a question that failed says of what was asked. */
export function failed({ code, detail }: Problem): Pick<Finding, "answer" | "detail"> {
  return {
    answer: UNANSWERED.includes(code) ? "unknown" : "no",
    detail: `${detail} (${code})`,
  };
}
