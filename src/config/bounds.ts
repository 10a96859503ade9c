import type { Limits as DatabaseDown } from "../../state-machines/database-down/machine.ts";
import type { Limits as Unclassified } from "../../state-machines/unclassified/machine.ts";

type Names<Limits> = { readonly [bound in keyof Limits]: true };

/** A machine's bounds are types only, so they are named here once more; the compiler compares. */
const DATABASE_DOWN: Names<DatabaseDown> = {
  lookMs: true,
  confirmAgainMs: true,
  confirmsMax: true,
  containMs: true,
  waitMs: true,
  waitsMax: true,
  asksMax: true,
  actsMax: true,
  verifyMs: true,
  samplesMin: true,
  undoAgainMs: true,
  undosMax: true,
  soakMs: true,
};
const UNCLASSIFIED: Names<Unclassified> = { samplesMin: true, quietMs: true };

/** Which bounds does a machine take? One line each. */
export const BOUNDS: { readonly [machine: string]: readonly string[] } = {
  "database-down": Object.keys(DATABASE_DOWN),
  unclassified: Object.keys(UNCLASSIFIED),
};
