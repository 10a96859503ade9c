import type { Preparation } from "../ports/action.ts";

/** For actions that need to know nothing before they start. */
export function noPreparation(): Promise<Preparation> {
  return Promise.resolve({ plan: {} });
}
