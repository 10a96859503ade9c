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
import { taken } from "./safeguards/taken.ts";
import { tier } from "./safeguards/tier.ts";
import { unseen } from "./safeguards/unseen.ts";
import { upstream } from "./safeguards/upstream.ts";
import { vain } from "./safeguards/vain.ts";

export { modeFor };

/** Whether an attempt may start now. `momentary`: likely to be over by itself, so nobody is woken for it yet. */
export type Permission =
  | { readonly kind: "start" }
  /** `objection`: what would have kept it back all the same; `null` when it would have started. */
  | { readonly kind: "shadow"; readonly objection: Problem | null }
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
  taken,
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
  const { held, doubt } = weigh({ draft, attempt, traits });
  if (mode === "shadow") {
    // What would soon be over is waited for, so that what is scored is what would have been done; a person waits no longer.
    const isMoment = draft.event.at - attempt.plannedAt <= MOMENT_MS;
    if (held?.momentary === true && isMoment) return held;
    return { kind: "shadow", objection: held?.problem ?? null };
  }
  if (held !== null) return held;
  // What speaks against it says more than that a person is always asked.
  const asked = doubt ?? (mode === "auto" ? null : problem("mode-suggest"));
  return asked === null ? { kind: "start" } : { kind: "approval", problem: asked };
}

/** The first safeguard that holds it; else the first that wants a person asked. */
function weigh(of: Case): {
  readonly held: Extract<Permission, { kind: "hold" }> | null;
  readonly doubt: Problem | null;
} {
  let doubt: Problem | null = null;
  for (const { covers, objection, momentary, asks } of SAFEGUARDS) {
    const found = covers(of) ? objection(of) : null;
    if (found === null) continue;
    if (asks !== true) return { held: { kind: "hold", problem: found, momentary }, doubt };
    doubt ??= found;
  }
  return { held: null, doubt };
}

function modeOf(draft: Draft, attempt: Attempt): Mode {
  const incident =
    attempt.incident === null ? undefined : draft.world().incidents[attempt.incident];
  const switchName = attempt.params["switch"];
  return modeFor(draft.rules.modes, [
    attempt.action,
    attempt.target,
    ...(incident === undefined ? [] : [incident.kind]),
    // Whichever way it is turned on, it is the same switch.
    ...(typeof switchName === "string" ? [switchName, "switch"] : []),
  ]);
}

/** A momentary hold that lasts longer than this is told to people after all. */
export const MOMENT_MS = MINUTE_MS;
