import type { Batch, BatchDetector, Judgement } from "../batch.ts";

/** The judgements of all batches in order, beginning with nothing. */
export function judgeAll<State, Settings>(
  detector: BatchDetector<State, Settings>,
  batches: readonly Batch[],
  settings = detector.defaults,
): readonly Judgement[] {
  let state = detector.start;
  return batches.map((batch) => {
    const judged = detector.judge(state, batch, settings);
    state = judged.state;
    return judged.judgement;
  });
}

/** The same with the state written down and read again at every step; `most` is how long it ever was, in characters. */
export function judgeStored<State, Settings>(
  detector: BatchDetector<State, Settings>,
  batches: readonly Batch[],
): { readonly judgements: readonly Judgement[]; readonly most: number } {
  let stored = JSON.stringify(detector.start);
  let most = 0;
  const judgements = batches.map((batch) => {
    const judged = detector.judge(JSON.parse(stored) as State, batch, detector.defaults);
    stored = JSON.stringify(judged.state);
    most = Math.max(most, stored.length);
    return judged.judgement;
  });
  return { judgements, most };
}

/** One letter for each state: `h`, `B`, `i`, `m`. */
export function letters(judgements: readonly Judgement[]): string {
  return judgements.map(({ state }) => LETTER[state]).join("");
}

const LETTER = { healthy: "h", breached: "B", inconclusive: "i", missing: "m" } as const;
