import assert from "node:assert/strict";

import type { Probe } from "../ports/probe.ts";
import type { Registered, Setting } from "./definition.ts";
import { definition as heartbeat } from "./heartbeat/index.ts";
import { definition as http } from "./http/index.ts";
import { definition as logPattern } from "./log-pattern/index.ts";
import { definition as postgres } from "./postgres/index.ts";
import { definition as railway } from "./railway/index.ts";
import { definition as redis } from "./redis/index.ts";
import { definition as prometheus } from "./prometheus/index.ts";
import { definition as promql } from "./promql/index.ts";

/** Which kinds of probes exist. One line each; the contract test compares with the folders. */
export const probes = {
  heartbeat,
  http,
  "log-pattern": logPattern,
  postgres,
  railway,
  redis,
  prometheus,
  promql,
} satisfies { readonly [kind: string]: Registered };

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

function isKind(kind: string): kind is ProbeKind {
  return Object.hasOwn(probes, kind);
}
