import { SECOND_MS, type Millis } from "../../domain/time.ts";
import type { Usual } from "./past.ts";
import type { Source } from "./reading.ts";
import type { ErrorShareSettings } from "./settings.ts";
import { chanceOf, isLasting, isOver, lastOf, suspect, withoutWorst } from "./suspicion.ts";
import type { Cell, Suspicion } from "./suspicion.ts";

/** What the last minutes say against the past. */
export interface Weight {
  readonly isKnown: boolean;
  readonly threshold: number;
  /** Half way between what is usual and the threshold. */
  readonly calmShare: number;
  readonly base: Base;
  readonly suspicion: Suspicion | null;
  /** How probable so many failures would be if all were as usual, and how improbable they must be. */
  readonly chance: number | null;
  readonly allowedChance: number;
  /** The rule by which a breach opens, if one does. */
  readonly rule: "lasting" | "severe" | null;
  readonly isFailing: boolean;
  /** What a suspicion lacks to be a breach. */
  readonly lacks: string;
}

export interface Base {
  readonly isKnown: boolean;
  readonly share: number;
  readonly upper: number;
  readonly scatter: number;
}

/** Judges the last cells (oldest first), told every so often, against what usually fails. */
export function weigh(
  usual: Usual | null,
  recent: readonly Cell[],
  source: Source | null,
  everyMs: Millis | null,
  settings: ErrorShareSettings,
): Weight {
  const base = baseOf(usual, settings);
  const { minShare, timesBase, severeShare } = settings;
  const threshold = Math.min(severeShare, Math.max(minShare, timesBase * base.share));
  // The slower the looks, the fewer they are in a month, and the fewer chances chance has.
  const looks = Math.min(MOST_PATIENCE, Math.max(1, (everyMs ?? 0) / USUAL_MS));
  const allowedChance = settings.chance * looks;
  const calm: Weight = {
    isKnown: base.isKnown,
    threshold,
    calmShare: (threshold + (base.isKnown ? base.share : 0)) / 2,
    base,
    suspicion: null,
    chance: null,
    allowedChance,
    rule: null,
    isFailing: false,
    lacks: "",
  };
  const severe = suspect(recent, severeShare);
  if (severe !== null && severe.lengthMs >= settings.severeMs) {
    const chance = chanceOf(severe, base.upper, Math.min(base.scatter, MOST_SEVERE_SCATTER));
    if (chance <= allowedChance && isProven(severe, source, settings))
      return { ...calm, suspicion: severe, chance, rule: "severe" };
  }
  const suspicion = suspect(recent, threshold);
  if (suspicion === null || suspicion.failed < 2) return calm;
  const chance = chanceOf(suspicion, base.upper, base.scatter);
  const lacks =
    chance > allowedChance
      ? "may be chance"
      : lacking(suspicion, threshold, base, source, settings);
  // A blip that is over leaves a suspicion behind, but nothing that fails.
  const isFailing =
    lacks !== null &&
    chance <= FAILING_CHANCE &&
    [0, LAST_MS].some((lengthMs) => isOver(lastOf(recent, lengthMs), threshold));
  const rule = lacks === null ? "lasting" : null;
  return { ...calm, suspicion, chance, rule, isFailing, lacks: lacks ?? "" };
}

/** An unknown base is taken for the highest there may be, so that then only a severe share opens. */
function baseOf(usual: Usual | null, settings: ErrorShareSettings): Base {
  const { maxBase, minPastRequests, minPastMs } = settings;
  if (usual === null || usual.requests < minPastRequests || usual.lengthMs < minPastMs)
    return { isKnown: false, share: maxBase, upper: maxBase, scatter: 1 };
  const { share, upper, dispersion } = usual;
  return {
    isKnown: true,
    share: Math.min(share, maxBase),
    upper: Math.min(upper, maxBase),
    scatter: dispersion,
  };
}

/** What an improbable stretch lacks to be a breach; `null` when nothing. */
function lacking(
  suspicion: Suspicion,
  threshold: number,
  base: Base,
  source: Source | null,
  settings: ErrorShareSettings,
): string | null {
  if (!isProven(suspicion, source, settings)) return "too few failed requests";
  if (suspicion.lengthMs < settings.sustainMs) return "too short";
  if (!isLasting(suspicion, threshold)) return "not lasting";
  if (suspicion.cells.length === 1)
    return suspicion.share > AT_ONCE * threshold ? null : "one look alone";
  const rest = withoutWorst(suspicion);
  const isAlone =
    rest.share <= threshold || chanceOf(rest, base.upper, base.scatter) > FAILING_CHANCE;
  return isAlone ? "one look alone" : null;
}

/**
 * Enough failed requests, and not in one clump: the same few may be one client that asks again. Of ratios without a count
 * most of the looks, and at least three of them (two slow ones, or a very slow one).
 */
function isProven(
  suspicion: Suspicion,
  source: Source | null,
  settings: ErrorShareSettings,
): boolean {
  const { cells, failed, lengthMs } = suspicion;
  if (source !== "ratio")
    return (
      failed >= settings.minFailedAtOnce ||
      (failed >= settings.minFailed && withoutWorst(suspicion).failed >= 2)
    );
  const bad = cells.filter((cell) => cell.failed > 0).length;
  const everyMs = lengthMs / cells.length;
  const fewest = everyMs >= VERY_SLOW_MS ? 1 : everyMs >= SLOW_MS ? 2 : 3;
  return bad >= fewest && bad >= 0.6 * cells.length;
}

/** What "now" means. */
export const LAST_MS = 60 * SECOND_MS;
const SLOW_MS = 60 * SECOND_MS;
const VERY_SLOW_MS = 120 * SECOND_MS;
const USUAL_MS = 10 * SECOND_MS;
const MOST_PATIENCE = 30;
export const FAILING_CHANCE = 1e-3;
/** One look that is long enough must be so many times over the threshold. */
const AT_ONCE = 2;
/** However bursty the past, half of all requests failing is no burst. */
const MOST_SEVERE_SCATTER = 5;
