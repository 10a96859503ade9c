import { spell } from "../domain/time.ts";
import type { Ending } from "./ground.ts";

/** One promise of the game day and what was found. */
export interface Expectation {
  readonly name: string;
  readonly met: boolean;
  readonly found: string;
}

export function expectation(name: string, met: boolean, found: string): Expectation {
  return { name, met, found };
}

/** Whatever failed: the daemon goes when it is told to. */
export function stopped({ stop }: Pick<Ending, "stop">): Expectation {
  return expectation(
    "SIGTERM ends the daemon within 5 s",
    stop.code === 0 && stop.tookMs <= 5_000,
    `exit ${stop.code} after ${spell(stop.tookMs)}`,
  );
}
