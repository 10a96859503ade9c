import type { z } from "zod";

import { probes, type ProbeKind } from "../probes/index.ts";

type Kinds = { readonly [kind in ProbeKind]: (typeof probes)[kind]["Config"] };

/** The schemas of the kinds of probes, out of their registry. */
export const KINDS = Object.fromEntries(
  Object.entries(probes).map(([kind, { Config }]) => [kind, Config]),
) as unknown as Kinds;

/** A probe's own configuration as its kind parsed it; `kind` tells which. */
export type ProbeSettings = z.infer<Kinds[ProbeKind]>;
