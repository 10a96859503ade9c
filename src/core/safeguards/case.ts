import type { ActionTraits, Attempt } from "../../domain/attempt.ts";
import type { SignalFact } from "../../domain/facts.ts";
import { isHearsay } from "../../domain/hint.ts";
import type { Incident } from "../../domain/incident.ts";
import type { Problem } from "../../domain/problem.ts";
import type { Millis } from "../../domain/time.ts";
import type { Draft } from "../draft.ts";

/** One question: may this attempt start now? */
export interface Case {
  readonly draft: Draft;
  readonly attempt: Attempt;
  readonly traits: ActionTraits;
}

/** One small pure rule with a reason code. */
export interface Safeguard {
  readonly name: string;
  /** Likely to be over by itself, so nobody is woken for it yet. */
  readonly momentary: boolean;
  /** Its objection asks a person instead of holding the act back: who approves it lifts it, for this act alone. */
  readonly asks?: true;
  /** Which attempts it looks at. */
  readonly covers: (of: Case) => boolean;
  readonly objection: (of: Case) => Problem | null;
}

/** Taking something back is privileged: it is held by what is in its way and by nothing else. */
export const isDestructive = ({ attempt, traits }: Case): boolean =>
  traits.effect === "destructive" && attempt.slot !== "undo";

/** Whatever is not undone by itself, also the taking back. */
export const changesPlatform = ({ traits }: Case): boolean =>
  traits.effect === "destructive" || traits.effect === "reversible";

/** A contain or an act; not the renewal of what is on, and never an undo. */
export const isNewAct = ({ attempt }: Case): boolean =>
  attempt.slot !== "undo" && attempt.slot !== "renew";

/** How old the last look of a signal may be; by its key. */
export function freshMsOf(draft: Draft, key: string): Millis {
  const [target = "", probe = ""] = key.split("|");
  const rules = draft.rules.targets[target];
  return rules?.freshMsOf?.[probe] ?? rules?.freshMs ?? 0;
}

/** What others told us carries no word both ways, and is not there to be fresh. By the signal's key. */
export function ownLooks({ facts }: Draft): readonly (readonly [string, SignalFact])[] {
  return Object.entries(facts.signals).filter(([key]) => !isHearsay(key));
}

/** The incident that wants it. */
export function incidentOf({ draft, attempt }: Case): Incident | undefined {
  return attempt.incident === null ? undefined : draft.world().incidents[attempt.incident];
}
