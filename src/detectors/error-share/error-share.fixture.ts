import type { Batch, Judgement } from "../batch.ts";
import { binomial, mulberry32, poisson } from "../testing.ts";
import { errorShare, type ErrorShareState } from "./index.ts";

export type Values = Batch["values"];

export function run(batches: readonly Batch[], throughJson = false): readonly Judgement[] {
  let state: ErrorShareState = errorShare.start;
  return batches.map((batch) => {
    const judged = errorShare.judge(state, batch, errorShare.defaults);
    state = throughJson
      ? (JSON.parse(JSON.stringify(judged.state)) as ErrorShareState)
      : judged.state;
    return judged.judgement;
  });
}

export const counts = (failed: number, requests: number): Values => ({ failed, requests });
export const times = (count: number, values: Values): readonly Values[] =>
  Array.from({ length: count }, () => values);
/** A series told every so many seconds, the first after one interval. */
export const every = (seconds: number, series: readonly Values[]): readonly Batch[] =>
  series.map((values, index) => ({ ts: (index + 1) * seconds * 1_000, values }));
export const LETTER = { healthy: "h", breached: "B", inconclusive: "i", missing: "m" } as const;
export const letters = (judged: readonly Judgement[]): string =>
  judged.map(({ state }) => LETTER[state]).join("");

/** Poisson traffic of a share that fails, every ten seconds; `rate` in requests a second. */
export function traffic(
  seed: number,
  length: number,
  rate: (ts: number) => number,
  share: (ts: number) => number,
): readonly Batch[] {
  const random = mulberry32(seed);
  return Array.from({ length }, (_, index) => {
    const ts = (index + 1) * 10_000;
    const requests = poisson(random, rate(ts) * 10);
    return { ts, values: counts(binomial(random, requests, share(ts)), requests) };
  });
}
