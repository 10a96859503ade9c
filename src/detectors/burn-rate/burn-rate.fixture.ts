import type { Batch, Judgement } from "../batch.ts";
import { burnRate, type BurnRateState } from "./index.ts";
import type { BurnRateSettings } from "./settings.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** The objective taken at its word. */
export const STRICT: BurnRateSettings = { ...burnRate.defaults, followsPast: false };

export function run(
  batches: readonly Batch[],
  settings = burnRate.defaults,
  throughJson = false,
): readonly Judgement[] {
  let state: BurnRateState = burnRate.start;
  return batches.map((batch) => {
    const judged = burnRate.judge(state, batch, settings);
    state = throughJson
      ? (JSON.parse(JSON.stringify(judged.state)) as BurnRateState)
      : judged.state;
    return judged.judgement;
  });
}

/** Steady traffic every so often: a share fails between two moments and none at other times. */
export function steady(
  length: number,
  everyMs: number,
  bad: { readonly from: number; readonly until: number; readonly share: number },
  requests = 500,
): readonly Batch[] {
  return Array.from({ length }, (_, index) => {
    const ts = (index + 1) * everyMs;
    const isBad = ts > bad.from && ts <= bad.until;
    return { ts, values: { failed: isBad ? Math.round(bad.share * requests) : 0, requests } };
  });
}

export function openedAfter(batches: readonly Batch[], from: number, settings = burnRate.defaults) {
  const index = run(batches, settings).findIndex(({ state }) => state === "breached");
  return index < 0 ? null : (batches[index]?.ts ?? 0) - from;
}
