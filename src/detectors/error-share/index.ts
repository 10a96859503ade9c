import type { Instant } from "../../domain/time.ts";
import type { BatchDetector, Judgement } from "../batch.ts";
import { addCell, CELLS_START, learnUntil, together, type Cells } from "./cells.ts";
import { isOverdue, look, PACE_START, type Pace } from "../pace.ts";
import { PAST_START, type Usual } from "./past.ts";
import { read, type Source } from "./reading.ts";
import { ERROR_SHARE_DEFAULTS, type ErrorShareSettings } from "./settings.ts";
import { reweigh, WEIGHT_START, type RatioWeight } from "./ratios.ts";
import { chanceOf, isOver, lastOf, stretch, type Cell, type Suspicion } from "./suspicion.ts";
import { FAILING_CHANCE, LAST_MS, weigh, type Weight } from "./weigh.ts";
import { round } from "../round.ts";

export interface ErrorShareState {
  readonly pace: Pace;
  readonly source: Source | null;
  readonly weight: RatioWeight;
  readonly cells: Cells;
  readonly breach: Breach | null;
}

interface Breach {
  readonly onset: Instant;
  readonly rule: string;
  readonly share: number;
  readonly calm: Cell | null;
}

type Judged = { readonly state: ErrorShareState; readonly judgement: Judgement };

/**
 * Says soon when a larger share of requests fails than may: more than max(1 %, 5 x what usually fails), for 75 s, with more
 * failed requests than chance explains. A share over half needs 15 s only. Closes after five calm minutes.
 */
export const errorShare: BatchDetector<ErrorShareState, ErrorShareSettings> = {
  name: "error-share",
  turn: 1,
  opens: "high-error-rate",
  reads: ["failed", "requests", "error_ratio"],
  start: {
    pace: PACE_START,
    source: null,
    weight: WEIGHT_START,
    cells: CELLS_START,
    breach: null,
  },
  defaults: ERROR_SHARE_DEFAULTS,
  judge: (before, batch, settings) => {
    const { ts } = batch;
    if (before.pace.looked !== null && ts <= before.pace.looked)
      return say(before, "inconclusive", { reason: "older than the last batch" });
    const isLate = isOverdue(before.pace, ts);
    const reading = read(batch);
    if (reading.kind === "silent") return sayNothing(before, isLate, "nothing about requests");
    const isSaid = reading.kind !== "nothing";
    const state = {
      ...(isLate && isSaid ? cutOff(before) : before),
      pace: look(before.pace, ts, isSaid),
    };
    if (reading.kind === "nothing") return sayNothing(state, isLate, "looked and got nothing");
    if (reading.kind === "impossible")
      return say(cutOff(state), "inconclusive", { reason: "counts that cannot be" });
    const source = reading.kind;
    if (source === "ratio" && state.source === "counts" && !isLate)
      return say(state, "inconclusive", { reason: "a ratio without a count" });
    const isTurned = state.source !== null && state.source !== source;
    const turned =
      state.source === source ? state : { ...(isTurned ? turn(state) : state), source };
    const said = before.pace.said;
    const from = said === null ? ts : isLate ? ts - (before.pace.usual ?? 0) : said;
    if (reading.kind === "counts") {
      const { failed, requests } = reading;
      return judgeCell(turned, { from, ts, failed, requests }, settings);
    }
    const weighty = reading.fewest === null ? turned : reweigh(turned, reading.fewest);
    const { requests } = weighty.weight;
    const failed = reading.ratio * requests;
    return judgeCell(weighty, { from, ts, failed, requests }, settings);
  },
};

function judgeCell(before: ErrorShareState, cell: Cell, settings: ErrorShareSettings): Judged {
  const { breach, source } = before;
  const cells = addCell(before.cells, cell, breach === null, settings);
  const weight = weigh(cells.past.usual, cells.recent, source, before.pace.usual, settings);
  const all = stretch(cells.recent);
  const numbers = numbersOf(before, cells.past.usual, weight, all);
  if (breach !== null)
    return judgeBreach({ ...before, cells }, breach, cell, weight, numbers, settings);
  const { suspicion, rule } = weight;
  const onset = suspicion?.cells[0]?.from ?? cell.ts;
  if (rule !== null && suspicion !== null) {
    const opened = { onset, rule, share: suspicion.share, calm: null };
    const state = unlearnt({ ...before, cells, breach: opened }, cell.ts);
    return say(state, "breached", { ...numbers, rule });
  }
  const until = Math.min(cell.ts - settings.learnAfterMs, onset);
  const learnt = { ...before, cells: learnUntil(cells, until) };
  if (weight.isFailing)
    return say(learnt, "inconclusive", { ...numbers, reason: weight.lacks }, onset);
  if (!weight.isKnown)
    return say(learnt, "inconclusive", { ...numbers, reason: "too little past" });
  if (source === "counts" && all.requests < settings.minRequests)
    return needing(
      settings.minRequests,
      say(learnt, "inconclusive", { ...numbers, reason: "too few requests" }),
    );
  return say(learnt, "healthy", numbers);
}

function judgeBreach(
  before: ErrorShareState,
  breach: Breach,
  cell: Cell,
  { threshold, calmShare, base }: Weight,
  seen: Judgement["evidence"],
  settings: ErrorShareSettings,
): Judged {
  const numbers = { ...seen, rule: breach.rule };
  const state = unlearnt(before, cell.ts);
  const last = lastOf(state.cells.recent, LAST_MS);
  const calm = breach.calm === null ? cell : together(breach.calm, cell);
  const calmed = stretch([calm]);
  const isUsual = chanceOf(calmed, base.upper, base.scatter) > FAILING_CHANCE;
  if ((isOver(calmed, calmShare) && !isUsual) || isOver(last, threshold))
    return say({ ...state, breach: { ...breach, calm: null } }, "breached", numbers);
  // Three times the requests among which the breach would have shown one failure.
  const needed = Math.ceil(3 / Math.max(breach.share, threshold));
  const isLongEnough = calm.ts - calm.from >= settings.closeAfterMs;
  if (isLongEnough && calm.requests >= needed)
    return say(
      { ...state, breach: null, cells: { ...state.cells, recent: [] } },
      "healthy",
      numbers,
    );
  const waiting = say({ ...state, breach: { ...breach, calm } }, "inconclusive", {
    ...numbers,
    calmMs: calm.ts - calm.from,
    calmRequests: calm.requests,
    neededRequests: needed,
    reason: isLongEnough ? "calm, but too few requests" : "calm, but not yet for long enough",
  });
  return isLongEnough ? needing(needed, waiting) : waiting;
}

/** Nothing speaks against health but that too few requests came. */
function needing(needsRequests: number, { state, judgement }: Judged): Judged {
  return { state, judgement: { ...judgement, needsRequests } };
}

/** Nothing up to this moment is ever learnt as usual. */
function unlearnt(state: ErrorShareState, until: Instant): ErrorShareState {
  return { ...state, cells: { ...state.cells, learntUntil: until } };
}

/** After a gap or a reset nothing counts together with what was before it. An open breach stays. */
function cutOff(state: ErrorShareState): ErrorShareState {
  const breach = state.breach === null ? null : { ...state.breach, calm: null };
  return { ...state, cells: { ...state.cells, recent: [] }, breach };
}

/** Counts and what a ratio tells of are not one past. */
function turn(state: ErrorShareState): ErrorShareState {
  const cut = cutOff(state);
  return { ...cut, cells: { ...cut.cells, past: PAST_START } };
}

function numbersOf(
  { source, pace }: ErrorShareState,
  base: Usual | null,
  { threshold, suspicion, chance, allowedChance }: Weight,
  all: Suspicion,
): Judgement["evidence"] {
  const seen = suspicion ?? all;
  return {
    source,
    failed: seen.failed,
    requests: seen.requests,
    share: round(seen.share),
    windowMs: seen.lengthMs,
    threshold: round(threshold),
    chance: chance === null ? null : round(chance),
    allowedChance,
    base: base === null ? null : round(base.share),
    baseRequests: base?.requests ?? 0,
    dispersion: base === null ? null : round(base.dispersion),
    everyMs: pace.usual,
  };
}

function sayNothing(state: ErrorShareState, isLate: boolean, reason: string): Judged {
  return say(state, isLate ? "missing" : "inconclusive", { reason });
}

function say(
  state: ErrorShareState,
  verdict: Judgement["state"],
  evidence: Judgement["evidence"],
  first: Instant | null = null,
): Judged {
  const onset = state.breach?.onset ?? first;
  return {
    state,
    judgement: {
      state: verdict,
      onset,
      failing: first !== null,
      evidence: { ...evidence, onset: onset === null ? null : ONSET },
    },
  };
}

const ONSET = "begin of the stretch with most failed requests over the threshold";
