import { z } from "zod";

import type { Preparation, Sighting } from "../ports/action.ts";

/** What stands under `with` of an action that needs to be told nothing. */
export const Nothing = z.strictObject({}).default({});

/** For actions that need to know nothing before they start. */
export function noPreparation(): Promise<Preparation> {
  return Promise.resolve({ plan: {} });
}

/** For looks, which are their own evidence: one that was cut off is made again. */
export function noTrace(): Promise<Sighting> {
  return Promise.resolve({ kind: "nothing", evidence: {} });
}
