import * as badRelease from "./bad-release.ts";
import { judge as judgeBadRelease } from "./bad-release-expectations.ts";
import * as bothAtOnce from "./both-at-once.ts";
import { judge as judgeBothAtOnce } from "./both-at-once-expectations.ts";
import * as databaseDown from "./database-down.ts";
import { judge as judgeDatabaseDown } from "./database-down-expectations.ts";
import * as crowd from "./crowd.ts";
import { judge as judgeCrowd } from "./crowd-expectations.ts";
import type { Expectation } from "./expectation.ts";
import type { Ending, GamedayOptions } from "./ground.ts";
import * as leak from "./leak.ts";
import { judge as judgeLeak } from "./leak-expectations.ts";
import * as serviceDown from "./service-down.ts";
import { judge as judgeServiceDown } from "./service-down-expectations.ts";

/** One game day that was played, and what is to be thought of it. */
export interface Played {
  readonly seen: Ending;
  readonly expectations: readonly Expectation[];
}

/** Something that fails on the twin, in one of several ways. */
export interface Scenario {
  readonly summary: string;
  /** The first one is meant when none is named. */
  readonly faults: readonly string[];
  play(fault: string, options: GamedayOptions): Promise<Played>;
}

function scenario<Fault extends string, Seen extends Ending>(parts: {
  readonly summary: string;
  readonly faults: readonly Fault[];
  readonly play: (fault: Fault, options: GamedayOptions) => Promise<Seen>;
  readonly judge: (seen: Seen) => readonly Expectation[];
}): Scenario {
  return {
    ...parts,
    play: async (name, options) => {
      const fault = parts.faults.find((one) => one === name);
      if (fault === undefined) throw new Error(`there is no fault "${name}"`);
      const seen = await parts.play(fault, options);
      return { seen, expectations: parts.judge(seen) };
    },
  };
}

/** By name, in the order in which they are shown. */
export const SCENARIOS: { readonly [name: string]: Scenario } = {
  "database-down": scenario({
    summary: "PostgreSQL fails",
    faults: databaseDown.FAULTS,
    play: databaseDown.playDatabaseDown,
    judge: judgeDatabaseDown,
  }),
  "bad-release": scenario({
    summary: "a release of the API is bad",
    faults: badRelease.FAULTS,
    play: badRelease.playBadRelease,
    judge: judgeBadRelease,
  }),
  "both-at-once": scenario({
    summary: "PostgreSQL dies while the API is released",
    faults: bothAtOnce.FAULTS,
    play: bothAtOnce.playBothAtOnce,
    judge: judgeBothAtOnce,
  }),
  leak: scenario({
    summary: "a release of the API leaks, and has for hours",
    faults: leak.FAULTS,
    play: leak.playLeak,
    judge: judgeLeak,
  }),
  "service-down": scenario({
    summary: "the API does not answer, and Railway calls it running",
    faults: serviceDown.FAULTS,
    play: serviceDown.playServiceDown,
    judge: judgeServiceDown,
  }),
  crowd: scenario({
    summary: "more users come than one process of the API can serve",
    faults: crowd.FAULTS,
    play: crowd.playCrowd,
    judge: judgeCrowd,
  }),
};
