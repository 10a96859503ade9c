import type { ActionTraits } from "../domain/attempt.ts";
import type { Rules } from "../domain/rules.ts";
import type { Action } from "../ports/action.ts";
import type { ActionDefinition, ActionParts } from "./definition.ts";
import * as registry from "./registry.ts";

/** Every action of this version. */
export const ACTIONS: readonly ActionDefinition[] = Object.values(registry);

/** What the core must know of them, with the lengths that hold when nothing is configured. */
export const TRAITS: { readonly [kind: string]: ActionTraits } = Object.fromEntries(
  ACTIONS.map(({ traits }) => [traits.kind, traits]),
);

/** How often each may be started when nothing is configured; those without a budget are not in it. */
export const BUDGETS: Rules["budgets"] = Object.fromEntries(
  ACTIONS.flatMap(({ traits, budget }) => (budget === undefined ? [] : [[traits.kind, budget]])),
);

/** All of them, ready to be carried out, by kind; with the traits as they are configured. */
export function createActions(
  configured: Rules["actions"],
  parts: ActionParts,
): { readonly [kind: string]: Action } {
  return Object.fromEntries(
    ACTIONS.map((definition) => {
      const { kind } = definition.traits;
      const traits = configured[kind] ?? definition.traits;
      return [kind, { traits, ...definition.create(parts, traits) }];
    }),
  );
}
