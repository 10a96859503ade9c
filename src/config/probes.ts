import assert from "node:assert/strict";

import type { Millis } from "../domain/time.ts";
import type { ProbeConfig } from "./config.ts";
import { KINDS, type ProbeSettings } from "./kinds.ts";
import { probes } from "../probes/index.ts";
import { groupOf, valueAt } from "./plain.ts";
import { BESIDE_KIND, type Settings } from "./schema.ts";

type Target = Settings["targets"][number];

/** Retrying faster than this would be a load of its own on something that fails. */
const RETRY_MS_MIN: Millis = 200;

/**
 * The probes of one target with their names. A PostgreSQL that is looked at over fresh connections only gets a
 * second look through a kept one: a second, independent path.
 */
export function probesOf(target: Target, index: number, tree: unknown): readonly ProbeConfig[] {
  const named = new Set<string>();
  const written = target.probes.map((probe, position): Unnamed => {
    const { kind, every, retryEvery, timeout, openAfter, closeAfter } = probe;
    return {
      kind,
      everyMs: every,
      retryEveryMs: retryEvery ?? Math.min(every, Math.max(RETRY_MS_MIN, Math.round(every / 3))),
      timeoutMs: timeout,
      openAfter,
      closeAfter,
      settings: settingsOf(kind, valueAt(tree, ["targets", index, "probes", position])),
    };
  });
  return [...written, ...secondPath(written)].map((probe) => {
    const name = unusedName(nameOf(probe.settings), named);
    named.add(name);
    return { name, ...probe };
  });
}

type Unnamed = Omit<ProbeConfig, "name">;

function settingsOf(kind: ProbeConfig["kind"], written: unknown): ProbeSettings {
  const own = Object.entries(groupOf(written)).filter(([key]) => !BESIDE_KIND.includes(key));
  const read = KINDS[kind].safeParse(Object.fromEntries(own));
  // Never the error itself: it may show the value of a secret.
  assert(read.success, `a ${kind} probe was accepted by the file's schema but not by its kind`);
  return read.data;
}

function secondPath(written: readonly Unnamed[]): readonly Unnamed[] {
  const direct = written.flatMap((probe) =>
    probe.settings.kind === "postgres" ? [{ ...probe, settings: probe.settings }] : [],
  );
  const [first] = direct;
  if (first === undefined || direct.some(({ settings }) => settings.pooled)) return [];
  return [{ ...first, settings: { ...first.settings, pooled: true } }];
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
