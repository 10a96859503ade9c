import { setTimeout as pause } from "node:timers/promises";
import type { ExecutionResult } from "graphql";
import type { MutationRecord, Platform } from "./platform.ts";

/** How a mutation's request ends. Whether it was executed is another matter: see the platform's records. */
export type Outcome =
  | { kind: "answer"; result: ExecutionResult }
  | { kind: "refuse"; message: string }
  | { kind: "destroy" }
  | { kind: "hang" };

/** Executes a mutation under the faults in force, which may make it late, lose it, or lose its answer. */
export async function carryOut(
  platform: Platform,
  operation: string,
  variables: unknown,
  run: () => Promise<ExecutionResult>,
): Promise<Outcome> {
  const { faults, holds } = platform;
  const mutation: MutationRecord = { at: Date.now(), operation, variables, executed: false };
  platform.record(mutation);
  const runOnce = async (): Promise<Outcome> => {
    const result = await run();
    mutation.executed = result.errors === undefined;
    return { kind: "answer", result };
  };
  const refused = faults.take("refuse-mutation", operation);
  if (refused !== undefined) return { kind: "refuse", message: refused.message };
  if (faults.take("never-executed", operation) !== undefined) return { kind: "destroy" };
  const late = faults.take("late-mutation", operation);
  if (late !== undefined) {
    void pause(late.ms, undefined, { ref: false }).then(runOnce);
    return { kind: late.how ?? "destroy" };
  }
  if (faults.take("hold-before", operation) !== undefined && !(await holds.wait())) {
    return { kind: "destroy" };
  }
  const outcome = await runOnce();
  if (faults.take("lose-answer", operation) !== undefined) return { kind: "destroy" };
  if (faults.take("hold-mutation", operation) !== undefined && !(await holds.wait())) {
    return { kind: "destroy" };
  }
  return outcome;
}
