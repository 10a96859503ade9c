import { hook as alertmanager } from "./alertmanager/index.ts";
import { hook as generic } from "./generic/index.ts";
import type { Hook } from "./hook.ts";
import { hook as railway } from "./railway/index.ts";
import { hook as sentry } from "./sentry/index.ts";

/** Who may send. One line each; the contract test compares with the folders. */
export const hooks = {
  railway,
  alertmanager,
  sentry,
  generic,
} satisfies { readonly [source: string]: Hook };

export type Source = keyof typeof hooks;
