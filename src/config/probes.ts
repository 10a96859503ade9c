import assert from "node:assert/strict";

import { SECOND_MS, type Millis } from "../domain/time.ts";
import { CONSECUTIVE_DEFAULTS } from "../detectors/consecutive/index.ts";
import type { ProbeConfig } from "./config.ts";
import { KINDS, type ProbeSettings } from "./kinds.ts";
import type { Registered } from "../probes/definition.ts";
import { probes } from "../probes/index.ts";
import { groupOf, valueAt } from "./plain.ts";
import { BESIDE_KIND, type Settings } from "./schema.ts";

type Target = Settings["targets"][number];

/** Retrying faster than this would be a load of its own on something that fails. */
const RETRY_MS_MIN: Millis = 200;

/** Free allows 100 requests an hour to everything together: one each 75 s are 48. */
const FREE_EVERY_MS: Millis = 75 * SECOND_MS;

/** Whether Railway can be asked, and under which plan. */
export interface Asking {
  readonly isPossible: boolean;
  readonly plan: Settings["railway"]["plan"];
}

/**
 * The probes of one target with their names. A PostgreSQL that is looked at over fresh connections only gets a
 * second look through a kept one: a second, independent path. What Railway runs is also looked at through Railway.
 */
export function probesOf(
  target: Target,
  index: number,
  tree: unknown,
  asking: Asking,
): readonly ProbeConfig[] {
  const named = new Set<string>();
  const written = target.probes.map((probe, position): Unnamed => {
    const { kind, retryEvery, timeout, openAfter, closeAfter } = probe;
    const asWritten = groupOf(valueAt(tree, ["targets", index, "probes", position]));
    const settings = settingsOf(kind, asWritten);
    const every = asWritten["every"] === undefined ? everyOf(settings, asking) : probe.every;
    return {
      kind,
      everyMs: every,
      retryEveryMs: retryEvery ?? usualRetry(every),
      timeoutMs: timeout,
      openAfter,
      closeAfter,
      settings: { ...settings, every },
    };
  });
  return [...written, ...secondPath(written), ...platformPath(target, asking)].map((probe) => {
    const name = unusedName(nameOf(probe.settings), named);
    named.add(name);
    return { name, ...probe };
  });
}

/** Whether a probe says of its target that it is up. One that reads the platform does only where no other does. */
export function saysUp(probe: ProbeConfig, all: readonly ProbeConfig[]): boolean {
  if (probes[probe.kind].opens === null) return false;
  return !asksPlatform(probe) || !all.some((one) => !asksPlatform(one) && saysUp(one, []));
}

/** Whether it asks Railway instead of the target. */
export function asksPlatform({ kind }: { readonly kind: ProbeConfig["kind"] }): boolean {
  const registered: Registered = probes[kind];
  return registered.asksPlatform === true;
}

type Unnamed = Omit<ProbeConfig, "name">;

function settingsOf(kind: ProbeConfig["kind"], written: object): ProbeSettings {
  const own = Object.entries(written).filter(([key]) => !BESIDE_KIND.includes(key));
  const read = KINDS[kind].safeParse(Object.fromEntries(own));
  // Never the error itself: it may show the value of a secret.
  assert(read.success, `a ${kind} probe was accepted by the file's schema but not by its kind`);
  return read.data;
}

/** The kind's own interval, or what the plan allows to looks at Railway. */
function everyOf(settings: ProbeSettings, { plan }: Asking): Millis {
  const { every } = settings;
  return asksPlatform(settings) && plan === "free" ? Math.max(every, FREE_EVERY_MS) : every;
}

function usualRetry(everyMs: Millis): Millis {
  return Math.min(everyMs, Math.max(RETRY_MS_MIN, Math.round(everyMs / 3)));
}

function secondPath(written: readonly Unnamed[]): readonly Unnamed[] {
  const direct = written.flatMap((probe) =>
    probe.settings.kind === "postgres" ? [{ ...probe, settings: probe.settings }] : [],
  );
  const [first] = direct;
  if (first === undefined || direct.some(({ settings }) => settings.pooled)) return [];
  return [{ ...first, settings: { ...first.settings, pooled: true } }];
}

function platformPath({ service, probes: written }: Target, asking: Asking): readonly Unnamed[] {
  const isWritten = written.some(({ kind }) => kind === "railway");
  if (!asking.isPossible || service === undefined || isWritten) return [];
  const settings = KINDS.railway.parse({ kind: "railway" });
  const every = everyOf(settings, asking);
  return [
    {
      kind: "railway",
      everyMs: every,
      retryEveryMs: usualRetry(every),
      timeoutMs: settings.timeout,
      openAfter: CONSECUTIVE_DEFAULTS.openAfter,
      closeAfter: CONSECUTIVE_DEFAULTS.closeAfter,
      settings: { ...settings, every },
    },
  ];
}

function nameOf(settings: ProbeSettings): string {
  const kind: { nameOf(settings: never): string } = probes[settings.kind];
  return kind.nameOf(settings as never);
}

function unusedName(name: string, used: ReadonlySet<string>): string {
  if (!used.has(name)) return name;
  let number = 2;
  while (used.has(`${name} ${number}`)) number += 1;
  return `${name} ${number}`;
}
