import type { Problem } from "../domain/problem.ts";

/**
 * What came of a call. `ambiguous` stands only on failed mutations: the request had left and no answer says
 * whether it was carried out, so that nothing but evidence can tell.
 */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem; readonly ambiguous?: boolean };

export function success<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function failure(problem: Problem, ambiguous = false): Result<never> {
  return { ok: false, problem, ...(ambiguous ? { ambiguous } : {}) };
}
