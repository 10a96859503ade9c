import type { Instant } from "../../domain/time.ts";
import type { BatchDetector, Judgement } from "../batch.ts";
import { isOverdue, look, PACE_START, type Pace } from "../pace.ts";
import { cut, TALLY_START, type Tally } from "../tally.ts";
import { CELLS_START, put, type Cells } from "./cells.ts";
import { type Frame, judgeCells, SAID_START, type Said } from "./judge.ts";
import { ANOMALY_DEFAULTS, type AnomalySettings } from "./settings.ts";
import { forgetYoung, USUAL_START, type Usual } from "./usual.ts";

export interface AnomalyState {
  readonly pace: Pace;
  readonly since: Instant | null;
  /** How many cells were closed since then. */
  readonly known: number;
  readonly cells: Cells;
  readonly usual: Usual;
  readonly tally: Tally;
  /** What it was compared with when it opened. */
  readonly held: Frame | null;
  /** The last judgement; it holds until the next cell is full. */
  readonly said: Said;
}

type Judged = { readonly state: AnomalyState; readonly judgement: Judgement };

/**
 * Says when a value leaves its own level, upwards or downwards, and stays away: four of the last five minutes lie further from
 * the median of the twenty minutes before than single minutes usually do, and than any distance that lasted before. What
 * moves slowly, or jumps for a moment, is taken for the value's nature.
 */
export const anomaly: BatchDetector<AnomalyState, AnomalySettings> = {
  name: "anomaly",
  turn: 12,
  opens: "unclassified",
  reads: ["value"],
  start: {
    pace: PACE_START,
    since: null,
    known: 0,
    cells: CELLS_START,
    usual: USUAL_START,
    tally: TALLY_START,
    held: null,
    said: SAID_START,
  },
  defaults: ANOMALY_DEFAULTS,
  judge: (before, { ts, values }, settings) => {
    if (before.pace.looked !== null && ts <= before.pace.looked)
      return say(before, "inconclusive", "older than the last batch");
    const value = values["value"];
    const isLate = isOverdue(before.pace, ts);
    if (value === undefined)
      return isLate
        ? say(before, "missing", "no value any more")
        : say(before, "inconclusive", "nothing about the value");
    const isSaid = value !== null && Number.isFinite(value);
    const pace = look(before.pace, ts, isSaid);
    if (!isSaid) {
      const verdict = isOverdue(pace, ts) ? "missing" : "inconclusive";
      return say({ ...before, pace }, verdict, "looked and got nothing");
    }
    const state = isLate ? resume(before, ts, settings) : before;
    return judgeValue({ ...state, pace, since: state.since ?? ts }, ts, value, settings);
  },
};

/** After a gap the last minutes do not count together with what comes; after a long one nothing before it does. */
function resume(state: AnomalyState, ts: Instant, settings: AnomalySettings): AnomalyState {
  const said: Said = { state: "inconclusive", evidence: { reason: "after a gap" } };
  const tally = cut(state.tally);
  const usual = forgetYoung(state.usual);
  if (ts - (state.pace.said ?? ts) <= settings.gapMs) return { ...state, tally, usual, said };
  return { ...state, tally, usual, said, cells: CELLS_START, since: null, known: 0 };
}

function judgeValue(
  state: AnomalyState,
  ts: Instant,
  value: number,
  settings: AnomalySettings,
): Judged {
  const most = settings.levelCells + settings.openOf;
  const { usual: everyMs } = state.pace;
  const { cells, closed } = put(state.cells, ts, value, settings.cellMs, everyMs, most);
  const filled = { ...state, cells };
  const next = closed
    ? { ...filled, ...judgeCells({ ...filled, known: state.known + 1 }, ts, settings) }
    : filled;
  return sayAgain(next);
}

function sayAgain(state: AnomalyState): Judged {
  const onset = state.tally.breach?.onset ?? null;
  const { state: verdict, evidence } = state.said;
  return {
    state,
    judgement: {
      state: verdict,
      onset,
      failing: onset === null && verdict === "inconclusive" && evidence["away"] !== undefined,
      evidence: { ...evidence, onset: onset === null ? null : "first of the minutes far away" },
    },
  };
}

function say(state: AnomalyState, verdict: Judgement["state"], reason: string): Judged {
  const onset = state.tally.breach?.onset ?? null;
  return { state, judgement: { state: verdict, onset, failing: false, evidence: { reason } } };
}
