import type { z } from "zod";

import { Config as Http } from "../probes/http/config.ts";
import type { ProbeKind } from "../probes/index.ts";
import { Config as Postgres } from "../probes/postgres/config.ts";

/** The schemas of the kinds of probes as objects whose keys can be read; the registry shows them as types only. */
export const KINDS = { http: Http, postgres: Postgres } satisfies {
  readonly [kind in ProbeKind]: z.ZodObject;
};

/** A probe's own configuration as its kind parsed it; `kind` tells which. */
export type ProbeSettings = z.infer<(typeof KINDS)[ProbeKind]>;
