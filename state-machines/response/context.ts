import type { Before } from "../vocabulary.ts";

/**
 * Bounds of a response; the runbook gives them. Names ending in `Ms` are lengths of time, the others counts. A machine that never
 * confirms or contains has no bounds for it.
 */
export interface Limits {
  readonly lookMs: number;
  readonly confirmAgainMs?: number;
  readonly confirmsMax?: number;
  readonly containMs?: number;
  readonly waitMs: number;
  readonly waitsMax: number;
  readonly asksMax?: number;
  readonly actsMax?: number;
  readonly verifyMs: number;
  readonly samplesMin: number;
  readonly undoAgainMs: number;
  readonly undosMax: number;
  /** How long it has to be well before what the remedy added is taken back. */
  readonly sustainMs?: number;
  readonly soakMs: number;
}

/** The bounds by name, for the reader of runbooks. */
export function boundsOf(shape: {
  readonly confirms: boolean;
  readonly contains: boolean;
  readonly acts: boolean;
  readonly sustains?: boolean;
}): readonly (keyof Limits)[] {
  return [
    "lookMs",
    ...(shape.confirms ? (["confirmAgainMs", "confirmsMax"] as const) : []),
    ...(shape.contains ? (["containMs"] as const) : []),
    "waitMs",
    "waitsMax",
    ...(shape.acts ? (["asksMax", "actsMax"] as const) : []),
    "verifyMs",
    "samplesMin",
    "undoAgainMs",
    "undosMax",
    ...(shape.sustains === true ? (["sustainMs"] as const) : []),
    "soakMs",
  ];
}

/** Small, bounded JSON, so that every reachable state can be walked. */
export interface Context {
  readonly limits: Limits;
  readonly confirms: number;
  readonly waits: number;
  /** How often an act was asked for, and how often one was seen to have happened. */
  readonly asks: number;
  readonly acts: number;
  readonly undos: number;
  /** Fresh healthy samples in a row. */
  readonly healthy: number;
  /** Which slot the present act fills. */
  readonly slot: "remedy" | "fallback";
  /** People have been told that it opened; a relapse says so in its own words. */
  readonly announced: boolean;
  /** It was over and came back: people are told so instead. */
  readonly returned: boolean;
  /** Something may be switched on, scaled up or frozen, and has to be undone. */
  readonly contained: boolean;
  /** Since the act was seen, samples still failed. */
  readonly stillFailing: boolean;
  /** The present recovery is the act's doing: judged effective and not relapsed since. */
  readonly helped: boolean;
  /** What follows when everything is undone. */
  readonly next: "soak" | "resolve" | "attach";
  /** Reasons for which people were told that the present act is withheld. */
  readonly told: readonly string[];
  readonly cause: string | null;
  /** Why a person was called or an act is withheld: a problem code or one of the machine's own words. */
  readonly reason: string | null;
}

/** The context of an incident that has just opened, or opened again. `limits` is absent when XState builds its inert twin. */
export function freshContext(limits: Limits | undefined, before?: Before): Context {
  return {
    limits: limits as Limits,
    confirms: 0,
    waits: 0,
    asks: before?.asks ?? 0,
    acts: before?.acts ?? 0,
    undos: 0,
    healthy: 0,
    slot: "remedy",
    announced: false,
    returned: before?.returned ?? false,
    contained: before?.contained ?? false,
    stillFailing: false,
    helped: false,
    next: "soak",
    told: [],
    cause: null,
    reason: null,
  };
}
