import type { IncidentId } from "./ids.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Instant } from "./time.ts";

/** How an incident ended. `attached`: it turned out to be a symptom of another one. */
export type Ending = "resolved" | "false-alarm" | "attached";

/** A machine's state as it is stored: it names machine and version, so that an upgrade can tell. */
export interface MachineSnapshot {
  readonly machine: string;
  readonly version: number;
  readonly value: Json;
  readonly context: JsonObject;
}

/** What we handle: one failure of one target from its opening to its end. */
export interface Incident {
  readonly id: IncidentId;
  readonly kind: string;
  readonly target: string;
  /** Key of the signal that opened it; its samples are the ones that count. */
  readonly signal: string;
  readonly snapshot: MachineSnapshot;
  /** The machine's state as a path, for people: `remedying.acting`. */
  readonly state: string;
  readonly openedAt: Instant;
  /** First bad sample. */
  readonly onset: Instant;
  readonly closedAt: Instant | null;
  readonly ending: Ending | null;
  /** What the failure is, once inspected: `crashed`, `not-answering`, … */
  readonly cause: string | null;
  /** Counts of what belongs to it; ids are made of them. */
  readonly attempts: number;
  readonly notices: number;
  /** Signals of other targets that this incident explains. */
  readonly symptoms: readonly string[];
  /** It was over and came back within the reopen window: this is the same incident, and the last time it did. */
  readonly returned?: Return;
  /** Since its last act was seen, or its own signal failed after it: what was seen beside that signal. */
  readonly proof?: Proof;
  /** Set when a programmer error stopped its machine: a person has it now. */
  readonly parked: string | null;
  /** Who said that they know of it: nobody is reminded any more. */
  readonly acknowledgedBy?: string;
  /** Who last took it over, and when. */
  readonly taken?: { readonly by: string; readonly at: Instant };
  /** Until then only what needs a person is told. */
  readonly silencedUntil?: Instant;
  /** A person wanted it resolved while it still failed, and was asked back. */
  readonly askedBackAt?: Instant;
}

/** What says that an act helped, beside the incident's own signal. */
export interface Proof {
  /** When the act was seen. */
  readonly since: Instant;
  /** Healthy looks in a row, by the signal's key; no more than are asked for. */
  readonly looks: { readonly [signal: string]: number };
  /** So many requests its rate lacked by its last word; 0 when it had enough. Absent before it said either. */
  readonly needs?: number;
  /** So many looks of our own stood for the requests that were too few, when it was last called healthy. */
  readonly ownLooks?: number;
}

/** The last return of an incident that was over. */
export interface Return {
  /** How often it came back in all. */
  readonly times: number;
  readonly at: Instant;
  /** First bad sample since. */
  readonly onset: Instant;
  /** When it had been closed. */
  readonly wellSince: Instant;
  /** How many notices there had been by then. */
  readonly notices: number;
}

/** First bad sample of the present failure: an incident that came back fails anew. */
export function presentOnset({ onset, returned }: Pick<Incident, "onset" | "returned">): Instant {
  return returned?.onset ?? onset;
}

/** When it opened, or opened again. */
export function presentOpening({
  openedAt,
  returned,
}: Pick<Incident, "openedAt" | "returned">): Instant {
  return returned?.at ?? openedAt;
}
