import type { Attempt } from "../domain/attempt.ts";
import { problem, type Problem } from "../domain/problem.ts";
import { modeFor } from "../domain/mode.ts";
import type { Mode } from "../domain/rules.ts";
import { MINUTE_MS } from "../domain/time.ts";
import type { Draft } from "./draft.ts";
import { advised } from "./safeguards/advised.ts";
import { age } from "./safeguards/age.ts";
import { books } from "./safeguards/books.ts";
import { budget } from "./safeguards/budget.ts";
import type { Case, Safeguard } from "./safeguards/case.ts";
import { conflict, obstacle } from "./safeguards/conflict.ts";
import { cooldown } from "./safeguards/cooldown.ts";
import { fresh } from "./safeguards/fresh.ts";
import { futility } from "./safeguards/futility.ts";
import { hearsay } from "./safeguards/hearsay.ts";
import { hours } from "./safeguards/hours.ts";
import { network } from "./safeguards/network.ts";
import { pause } from "./safeguards/pause.ts";
import { platform } from "./safeguards/platform.ts";
import { protectedTarget } from "./safeguards/protected.ts";
import { standBack } from "./safeguards/stand-back.ts";
import { storm } from "./safeguards/storm.ts";
import { tier } from "./safeguards/tier.ts";
import { unseen } from "./safeguards/unseen.ts";
import { upstream } from "./safeguards/upstream.ts";
import { vain } from "./safeguards/vain.ts";

export { modeFor };

/** Whether an attempt may start now. `momentary`: likely to be over by itself, so nobody is woken for it yet. */
export type Permission =
  | { readonly kind: "start" }
  | { readonly kind: "shadow" }
  | { readonly kind: "approval"; readonly problem: Problem }
  | { readonly kind: "hold"; readonly problem: Problem; readonly momentary: boolean };

/** In this order, because the first objection is the one people read. Those that only ask a person stand last. */
export const SAFEGUARDS: readonly Safeguard[] = [
  pause,
  platform,
  storm,
  standBack,
  obstacle,
  hearsay,
  fresh,
  network,
  upstream,
  conflict,
  tier,
  age,
  futility,
  budget,
  cooldown,
  advised,
  unseen,
  books,
  protectedTarget,
  vain,
  hours,
];

/** All safeguards, applied when deciding and again, with fresh facts, at the start. Looks change nothing and need none. */
export function mayStart(draft: Draft, attempt: Attempt): Permission {
  const traits = draft.rules.actions[attempt.action];
  if (traits === undefined) throw new Error(`no action "${attempt.action}"`);
  if (traits.effect === "look") return { kind: "start" };
  const mode =
    attempt.slot === "undo" || attempt.slot === "renew" ? "auto" : modeOf(draft, attempt);
  if (mode === "shadow") return { kind: "shadow" };
  const of: Case = { draft, attempt, traits };
  let doubt: Problem | null = mode === "auto" ? null : problem("mode-suggest");
  for (const { covers, objection, momentary, asks } of SAFEGUARDS) {
    const found = covers(of) ? objection(of) : null;
    if (found === null) continue;
    if (asks !== true) return { kind: "hold", problem: found, momentary };
    // What speaks against it says more than that a person is always asked.
    if (doubt === null || doubt.code === "mode-suggest") doubt = found;
  }
  return doubt === null ? { kind: "start" } : { kind: "approval", problem: doubt };
}

function modeOf(draft: Draft, attempt: Attempt): Mode {
  const incident =
    attempt.incident === null ? undefined : draft.world().incidents[attempt.incident];
  const switchName = attempt.params["switch"];
  return modeFor(draft.rules.modes, [
    attempt.action,
    attempt.target,
    ...(incident === undefined ? [] : [incident.kind]),
    ...(typeof switchName === "string" ? [switchName] : []),
  ]);
}

/** A momentary hold that lasts longer than this is told to people after all. */
export const MOMENT_MS = MINUTE_MS;
