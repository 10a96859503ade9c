import assert from "node:assert/strict";

import type { Probe } from "../ports/probe.ts";
import type { Registered, Setting } from "./definition.ts";
import * as registry from "./registry.ts";

type Kinds = (typeof registry)[keyof typeof registry];

/** Every kind of probe, by its name. */
export const probes = Object.fromEntries(
  Object.values<Registered>(registry).map((definition) => [definition.kind, definition]),
) as unknown as { readonly [Kind in Kinds as Kind["kind"]]: Kind };

export type ProbeKind = keyof typeof probes;

/**
 * Makes a probe of this kind from its part of the configuration, as `Config` parsed it or as the operator wrote
 * it. Throws on an unknown kind and on what does not parse: `probes[kind].Config` tells the operator before.
 */
export function createProbe(kind: string, setting: Setting<unknown>): Probe {
  const known = Object.keys(probes).join(", ");
  assert(isKind(kind), `there is no probe of kind "${kind}"; there is ${known}`);
  return probes[kind].make(setting);
}

export function isKind(kind: unknown): kind is ProbeKind {
  return typeof kind === "string" && Object.hasOwn(probes, kind);
}
