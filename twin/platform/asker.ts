import type { Identity } from "./tokens.ts";

/** What a resolver knows of the request. */
export type Asker = { identity: Identity };
