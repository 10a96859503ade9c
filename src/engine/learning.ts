import { observationsOf } from "../domain/observation.ts";
import type { Sample } from "../domain/sample.ts";
import type { SampleStore } from "../ports/store.ts";
import { LEARNT_MS, type Board } from "./board.ts";

/**
 * Gives a board the past that an earlier daemon recorded, so that a restart costs no hours of watching. What it says of now
 * stays nothing until something is looked at. Returns the number of samples.
 */
export async function learnFrom(
  samples: SampleStore,
  board: Board,
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  let moment: Sample[] = [];
  const end = (): void => {
    board.learn(observationsOf(moment));
    moment = [];
  };
  for await (const page of samples.between(board.since - LEARNT_MS, board.since, signal)) {
    count += page.length;
    for (const sample of page) {
      if (moment[0] !== undefined && moment[0].ts !== sample.ts) end();
      moment.push(sample);
    }
  }
  end();
  return count;
}
