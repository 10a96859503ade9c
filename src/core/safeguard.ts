import type { Attempt } from "../domain/attempt.ts";
import type { Problem } from "../domain/problem.ts";
import { MODES, type Mode, type Rules } from "../domain/rules.ts";
import { MINUTE_MS } from "../domain/time.ts";
import type { Draft } from "./draft.ts";
import { age } from "./safeguards/age.ts";
import { budget } from "./safeguards/budget.ts";
import type { Case, Safeguard } from "./safeguards/case.ts";
import { conflict, obstacle } from "./safeguards/conflict.ts";
import { cooldown } from "./safeguards/cooldown.ts";
import { fresh } from "./safeguards/fresh.ts";
import { futility } from "./safeguards/futility.ts";
import { hearsay } from "./safeguards/hearsay.ts";
import { network } from "./safeguards/network.ts";
import { pause } from "./safeguards/pause.ts";
import { platform } from "./safeguards/platform.ts";
import { standBack } from "./safeguards/stand-back.ts";
import { upstream } from "./safeguards/upstream.ts";

/** Whether an attempt may start now. `momentary`: likely to be over by itself, so nobody is woken for it yet. */
export type Permission =
  | { readonly kind: "start" }
  | { readonly kind: "shadow" }
  | { readonly kind: "approval" }
  | { readonly kind: "hold"; readonly problem: Problem; readonly momentary: boolean };

/** In this order, because the first objection is the one people read. */
const SAFEGUARDS: readonly Safeguard[] = [
  pause,
  platform,
  standBack,
  obstacle,
  hearsay,
  fresh,
  network,
  upstream,
  conflict,
  age,
  futility,
  budget,
  cooldown,
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
  for (const safeguard of SAFEGUARDS) {
    if (!safeguard.covers(of)) continue;
    const objection = safeguard.objection(of);
    if (objection !== null)
      return { kind: "hold", problem: objection, momentary: safeguard.momentary };
  }
  const { platform: seen } = draft.facts;
  // A person looks first where the platform says nothing of itself, or the act has found a reason of its own.
  const isLowered =
    mode !== "auto" ||
    (attempt.slot !== "undo" &&
      traits.effect === "destructive" &&
      (seen?.status === "unknown" || seen?.cap !== undefined));
  return isLowered ? { kind: "approval" } : { kind: "start" };
}

/**
 * The lowest of the modes set for this action, kind of incident, machine or target; `default` where none of
 * them is set; capped by `overall`.
 */
export function modeFor(modes: Rules["modes"], scopes: readonly string[]): Mode {
  const set = scopes.flatMap((scope) => modes[scope] ?? []);
  return lowest([...(set.length === 0 ? [modes.default] : set), modes["overall"] ?? "auto"]);
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

function lowest(modes: readonly Mode[]): Mode {
  return MODES[Math.min(...modes.map((mode) => MODES.indexOf(mode)))] ?? "shadow";
}

/** A momentary hold that lasts longer than this is told to people after all. */
export const MOMENT_MS = MINUTE_MS;
