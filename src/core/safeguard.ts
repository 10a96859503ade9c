import {
  IN_FLIGHT,
  type ActionTraits,
  type Attempt,
  type AttemptState,
} from "../domain/attempt.ts";
import type { SignalFact } from "../domain/facts.ts";
import { isHearsay } from "../domain/hint.ts";
import { problem, type Problem, type ProblemCode } from "../domain/problem.ts";
import { MODES, type Mode, type Rules } from "../domain/rules.ts";
import { HOUR_MS, MINUTE_MS, spell, timeOfDay, type Millis } from "../domain/time.ts";
import type { Draft } from "./draft.ts";

/** Whether an attempt may start now. `momentary`: likely to be over by itself, so nobody is woken for it yet. */
export type Permission =
  | { readonly kind: "start" }
  | { readonly kind: "shadow" }
  | { readonly kind: "approval" }
  | { readonly kind: "hold"; readonly problem: Problem; readonly momentary: boolean };

interface Case {
  readonly draft: Draft;
  readonly attempt: Attempt;
  readonly traits: ActionTraits;
}

interface Safeguard {
  readonly name: string;
  readonly momentary: boolean;
  /** Which attempts it looks at. */
  readonly covers: (of: Case) => boolean;
  readonly objection: (of: Case) => Problem | null;
}

const isDestructive = ({ traits }: Case): boolean => traits.effect === "destructive";
/** A contain or a remedy; not the renewal of what is on, and never an undo. */
const isNewAct = ({ attempt }: Case): boolean =>
  attempt.slot !== "undo" && attempt.slot !== "renew";

/** In this order, because the first objection is the one people read. */
const SAFEGUARDS: readonly Safeguard[] = [
  { name: "pause", momentary: false, covers: () => true, objection: pauseObjection },
  { name: "platform", momentary: false, covers: isDestructive, objection: platformObjection },
  { name: "obstacle", momentary: false, covers: isDestructive, objection: obstacleObjection },
  { name: "hearsay", momentary: false, covers: isDestructive, objection: hearsayObjection },
  { name: "fresh", momentary: true, covers: isNewAct, objection: freshnessObjection },
  { name: "network", momentary: false, covers: isDestructive, objection: networkObjection },
  { name: "upstream", momentary: true, covers: isDestructive, objection: upstreamObjection },
  { name: "conflict", momentary: true, covers: isDestructive, objection: conflictObjection },
  { name: "budget", momentary: false, covers: isDestructive, objection: budgetObjection },
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
  const isLowered = traits.effect === "destructive" && draft.facts.platform?.status === "unknown";
  return mode === "suggest" || isLowered ? { kind: "approval" } : { kind: "start" };
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
    ...(typeof switchName === "string" ? [switchName] : []),
  ]);
}

function lowest(modes: readonly Mode[]): Mode {
  return MODES[Math.min(...modes.map((mode) => MODES.indexOf(mode)))] ?? "shadow";
}

function pauseObjection({ draft, attempt }: Case): Problem | null {
  const pause = draft.world().marks.pause;
  if (pause === undefined || pause === null) return null;
  const touched = [attempt.target, ...switchTargets(draft, attempt)];
  if (pause.target !== null && !touched.includes(pause.target)) return null;
  if (attempt.slot === "undo" && !pause.includingUndo) return null;
  return problem("paused", `paused by ${pause.by} at ${timeOfDay(pause.since)}`);
}

/** A switch is flipped at the apps that obey it, whichever target failed. */
function switchTargets(draft: Draft, attempt: Attempt): readonly string[] {
  const name = attempt.params["switch"];
  return typeof name === "string" ? (draft.rules.switches[name]?.targets ?? []) : [];
}

function platformObjection({ draft }: Case): Problem | null {
  const platform = draft.facts.platform;
  return platform?.status === "trouble"
    ? problem("platform-incident", platform.statusDetail)
    : null;
}

function obstacleObjection({ draft }: Case): Problem | null {
  const obstacle = draft.facts.platform?.obstacle;
  return obstacle === undefined || obstacle === null
    ? null
    : problem(obstacle.code, obstacle.detail);
}

/** A word from outside is a reason to look; what is destroyed on it was destroyed on hearsay. */
function hearsayObjection({ draft, attempt }: Case): Problem | null {
  const incident =
    attempt.incident === null ? undefined : draft.world().incidents[attempt.incident];
  return incident !== undefined && isHearsay(incident.signal) ? problem("hearsay-only") : null;
}

/** P3: the symptom must be there by a look of our own that is young and was made since this start. */
function freshnessObjection({ draft, attempt }: Case): Problem | null {
  const incident =
    attempt.incident === null ? undefined : draft.world().incidents[attempt.incident];
  if (incident === undefined) return null;
  const signal = draft.facts.signals[incident.signal];
  const freshMs = freshMsOf(draft, incident.signal);
  if (signal === undefined || signal.at < draft.facts.watchingSince) {
    return problem("stale-input", "no verdict of its own since the start");
  }
  const age = draft.event.at - signal.at;
  if (age > freshMs) return problem("stale-input", `the last look is ${spell(age)} old`);
  if (signal.state === "healthy") return problem("signal-recovered");
  if (signal.state !== "breached")
    return problem("stale-input", `the last verdict is ${signal.state}`);
  return null;
}

/** How old the last look of a signal may be; by its key. */
function freshMsOf(draft: Draft, key: string): Millis {
  const [target = "", probe = ""] = key.split("|");
  const rules = draft.rules.targets[target];
  return rules?.freshMsOf?.[probe] ?? rules?.freshMs ?? 0;
}

/** With these the other side spoke, whatever it said: our network carried a word both ways. */
const SPOKEN: readonly (ProblemCode | null)[] = [
  null,
  "unexpected-status",
  "unexpected-body",
  "body-too-large",
  "refused-by-switch",
  "database-recovering",
  "connections-exhausted",
  "master-down",
  "script-running",
  "writes-refused",
  "memory-exhausted",
  "authentication-failed",
];

/**
 * P3: a process that Railway calls running and that only our own looks find hanging is restarted only while some
 * other target answers us. A crash is Railway's own word and needs no such witness.
 */
function networkObjection({ draft, attempt }: Case): Problem | null {
  const incident =
    attempt.incident === null ? undefined : draft.world().incidents[attempt.incident];
  if (incident?.cause !== "not-answering") return null;
  const others = ownLooks(draft).filter(([, { target }]) => target !== attempt.target);
  if (others.length === 0) return null;
  const isHeard = others.some(
    ([key, { problem, at }]) =>
      SPOKEN.includes(problem) && draft.event.at - at <= freshMsOf(draft, key),
  );
  return isHeard ? null : problem("network-in-doubt");
}

/** What others told us carries no word both ways, and is not there to be fresh. By its key. */
function ownLooks({ facts }: Draft): readonly (readonly [string, SignalFact])[] {
  return Object.entries(facts.signals).filter(([key]) => !isHearsay(key));
}

/**
 * Everything the target needs must be up by a fresh verdict, of every probe that says so, before something destructive is done
 * to it; and nothing else of it may be breached. Rates and trends need a past of their own before they can call it healthy.
 */
function upstreamObjection({ draft, attempt }: Case): Problem | null {
  for (const upstream of draft.rules.targets[attempt.target]?.needs ?? []) {
    const signals = ownLooks(draft).filter(([, signal]) => signal.target === upstream);
    const ups = signals.filter(([key]) => key.endsWith("|up"));
    const isUp =
      ups.length > 0 &&
      ups.every(
        ([key, { state, at }]) =>
          state === "healthy" && draft.event.at - at <= freshMsOf(draft, key),
      );
    const isFailing = signals.some(([, { state, failing }]) => failing || state === "breached");
    if (!isUp || isFailing)
      return problem("upstream-in-doubt", `${upstream} is not known to be well`);
  }
  return null;
}

/** The conflict matrix of this version: one destructive act at a time on a target. */
function conflictObjection({ draft, attempt }: Case): Problem | null {
  const other = Object.values(draft.world().attempts).find(
    (candidate) =>
      candidate.id !== attempt.id &&
      candidate.target === attempt.target &&
      IN_FLIGHT.includes(candidate.state) &&
      draft.rules.actions[candidate.action]?.effect === "destructive",
  );
  return other === undefined
    ? null
    : problem("target-busy", `${other.action} (${other.id}) is in flight`);
}

/** States in which the act happened or may have happened. */
const COUNTED: readonly AttemptState[] = [
  "started",
  "accepted",
  "seen",
  "effective",
  "ineffective",
  "unknown",
];

function budgetObjection({ draft, attempt }: Case): Problem | null {
  const budget = draft.rules.budgets[attempt.action];
  if (budget === undefined) return null;
  const spent = Object.values(draft.world().attempts).filter(
    (candidate) =>
      candidate.action === attempt.action &&
      candidate.id !== attempt.id &&
      COUNTED.includes(candidate.state),
  );
  const onIncident = spent.filter((candidate) => candidate.incident === attempt.incident).length;
  if (onIncident >= budget.perIncident) {
    return problem("budget-incident", `${onIncident} of ${budget.perIncident} for this incident`);
  }
  const lastHour = spent.filter(
    (candidate) => (candidate.startedAt ?? 0) > draft.event.at - HOUR_MS,
  );
  if (lastHour.length >= budget.perHour) {
    const first = Math.min(...lastHour.map((candidate) => candidate.startedAt ?? 0));
    return problem(
      "budget-hour",
      `${lastHour.length} of ${budget.perHour} within the hour`,
      first + HOUR_MS,
    );
  }
  return null;
}

/** A momentary hold that lasts longer than this is told to people after all. */
export const MOMENT_MS = MINUTE_MS;
