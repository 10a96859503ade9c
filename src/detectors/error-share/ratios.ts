import { median } from "../../statistics/quantile.ts";
import { scaledCell, scaledCells, type Cells } from "./cells.ts";
import type { Cell } from "./suspicion.ts";

/** How many requests a ratio without a count stands for. */
export interface RatioWeight {
  readonly requests: number;
  /** The fewest that each of the last telling ratios can have come from. */
  readonly fewest: readonly number[];
}

/** A guess, until ratios between nothing and all tell more: a look that is worth telling has some traffic. */
export const WEIGHT_START: RatioWeight = { requests: 5, fewest: [] };

interface Weighed {
  readonly weight: RatioWeight;
  readonly cells: Cells;
  readonly breach: { readonly calm: Cell | null } | null;
}

/** Takes in what one more ratio tells of the requests behind it; everything that is kept then stands for as many. */
export function reweigh<State extends Weighed>(state: State, fewest: number): State {
  const { weight, cells, breach } = state;
  const all = [...weight.fewest, fewest].slice(-MOST);
  const requests = median(all) ?? fewest;
  if (requests === weight.requests) return { ...state, weight: { requests, fewest: all } };
  const factor = requests / weight.requests;
  const calm = breach?.calm ?? null;
  const recalmed =
    breach === null || calm === null ? breach : { ...breach, calm: scaledCell(calm, factor) };
  return {
    ...state,
    weight: { requests, fewest: all },
    cells: scaledCells(cells, factor),
    breach: recalmed,
  };
}

const MOST = 15;
