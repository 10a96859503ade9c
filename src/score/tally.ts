import type { Attempt } from "../domain/attempt.ts";
import { textOf } from "../domain/json.ts";
import { ACT_SLOTS } from "../domain/runbook.ts";
import { MODES, type Mode } from "../domain/rules.ts";
import type { Instant } from "../domain/time.ts";
import type { Case, Judged, Verdict } from "./case.ts";
import type { Gathered } from "./gather.ts";
import { judge } from "./judge.ts";

export type Counts = { readonly [verdict in Verdict]: number };

/** What an act did outside shadow. `notDone`: a person said no or nothing, or it certainly did not happen. */
export type Outcome = "effective" | "ineffective" | "unknown" | "notDone";
export type Outcomes = { readonly [outcome in Outcome]: number };

/** One action (of a switch: the switch) in one kind of incident. */
export interface Row {
  readonly action: string;
  readonly kind: string;
  readonly shadow: Counts;
  readonly done: Outcomes;
}

/** One action over all kinds, as modes are written. */
export interface Total extends Omit<Row, "kind"> {
  readonly kinds: readonly string[];
  /** In which it was wanted last. */
  readonly mode: Mode;
  /** What came of it where a person was asked first. */
  readonly approved: Outcomes;
}

/** The score of a time: every case with its judgement, and the counts. */
export interface Score {
  readonly version: 1;
  readonly since: Instant | null;
  readonly incidents: {
    readonly all: number;
    readonly withoutWish: number;
    readonly falseAlarms: number;
    /** Symptoms of other incidents. */
    readonly attached: number;
  };
  readonly rows: readonly Row[];
  readonly totals: readonly Total[];
  readonly cases: readonly Judged[];
}

/** Counts what was gathered since a moment (`null`: since the journal's beginning). An incident counts by its opening, an act by its wish. */
export function tally(gathered: Gathered, since: Instant | null): Score {
  const from = since ?? 0;
  const cases = gathered.cases
    .filter(({ attempt }) => attempt.plannedAt >= from)
    .map(judged)
    .toSorted((a, b) => a.wantedAt - b.wantedAt);
  const done = gathered.done.filter(({ attempt }) => attempt.plannedAt >= from);
  const wishes: readonly Wish[] = [
    ...cases.map(({ action, kind, wantedAt: at, verdict }) => ({
      action,
      kind,
      at,
      mode: "shadow" as const,
      verdict,
    })),
    ...done.map(({ attempt, incident, asked }) => ({
      action: nameOf(attempt),
      kind: incident.kind,
      at: attempt.plannedAt,
      mode: asked ? ("suggest" as const) : ("auto" as const),
      outcome: outcomeOf(attempt),
    })),
  ];
  const incidents = gathered.incidents.filter(({ openedAt }) => openedAt >= from);
  const wanting = new Set([...gathered.cases, ...gathered.done].map(({ incident }) => incident.id));
  return {
    version: 1,
    since,
    incidents: {
      all: incidents.length,
      withoutWish: incidents.filter(({ id }) => !wanting.has(id)).length,
      falseAlarms: incidents.filter(({ ending }) => ending === "false-alarm").length,
      attached: incidents.filter(({ ending }) => ending === "attached").length,
    },
    rows: grouped(wishes, ({ action, kind }) => `${action}|${kind}`).map((of) => ({
      action: of[0].action,
      kind: of[0].kind,
      ...countsOf(of),
    })),
    totals: grouped(wishes, ({ action }) => action).map(totalOf),
    cases,
  };
}

interface Wish {
  readonly action: string;
  readonly kind: string;
  readonly at: Instant;
  readonly mode: Mode;
  readonly verdict?: Verdict;
  readonly outcome?: Outcome;
}

function judged(of: Case): Judged {
  const { attempt, incident, people } = of;
  return {
    attempt: attempt.id,
    incident: incident.id,
    kind: incident.kind,
    target: attempt.target,
    action: nameOf(attempt),
    wantedAt: attempt.endedAt ?? attempt.plannedAt,
    people,
    ...judge(of),
  };
}

/** Modes name a switch by itself: read-only may have earned what a circuit breaker has not. */
function nameOf({ action, params }: Attempt): string {
  return textOf(params["switch"]) || action;
}

/** What only contains is not judged by its effect: that it is on is all that is known. */
function outcomeOf({ state, slot, startedAt }: Attempt): Outcome {
  if (state === "effective" || state === "ineffective") return state;
  if (startedAt === null || state === "rejected" || state === "not-seen") return "notDone";
  return state === "seen" && !ACT_SLOTS.includes(slot) ? "effective" : "unknown";
}

type Group = readonly [Wish, ...Wish[]];

function grouped(wishes: readonly Wish[], keyOf: (wish: Wish) => string): readonly Group[] {
  const groups = Map.groupBy(wishes, keyOf);
  return [...groups.keys()].sort().flatMap((key) => {
    const [first, ...more] = groups.get(key) ?? [];
    return first === undefined ? [] : [[first, ...more] as const];
  });
}

function countsOf(of: readonly Wish[]): { readonly shadow: Counts; readonly done: Outcomes } {
  const verdicts = (verdict: Verdict) => of.filter((one) => one.verdict === verdict).length;
  return {
    shadow: {
      helped: verdicts("helped"),
      "no-difference": verdicts("no-difference"),
      hurt: verdicts("hurt"),
      unknown: verdicts("unknown"),
    },
    done: outcomesOf(of),
  };
}

function outcomesOf(of: readonly Wish[]): Outcomes {
  const outcomes = (outcome: Outcome) => of.filter((one) => one.outcome === outcome).length;
  return {
    effective: outcomes("effective"),
    ineffective: outcomes("ineffective"),
    unknown: outcomes("unknown"),
    notDone: outcomes("notDone"),
  };
}

function totalOf(of: Group): Total {
  const last = of.reduce((latest, one) => (one.at >= latest.at ? one : latest));
  return {
    action: of[0].action,
    kinds: [...new Set(of.map(({ kind }) => kind))].sort(),
    mode: last.mode,
    approved: outcomesOf(of.filter(({ mode }) => mode === "suggest")),
    ...countsOf(of),
  };
}

/** The next mode upward; `null` for the highest. */
export function nextMode(mode: Mode): Mode | null {
  return MODES[MODES.indexOf(mode) + 1] ?? null;
}
