import { readFileSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

import { defaultRules } from "../../src/config/default-rules.ts";
import type { Rules } from "../../src/domain/rules.ts";
import { CASES } from "./cases.ts";
import { observe } from "./observe.ts";
import { play } from "./play.ts";
import { run } from "./run.ts";
import { nameOf, resultsOf, tablesOf } from "./table.ts";

const DAY_MS = 86_400_000;

const page = readFileSync(join(import.meta.dirname, "../../docs/detection.md"), "utf8");
const committed = resultsOf(readFileSync(join(import.meta.dirname, "results.ndjson"), "utf8"));

// The whole evaluation takes minutes (`npm run evaluate -- --write`); this is the part of it that can be played with every change.
describe("the tables of docs/detection.md", () => {
  let rules: Rules;
  beforeAll(async () => {
    rules = await defaultRules(["api"]);
  });

  it("are those of the committed results", () => {
    expect(page).toContain(tablesOf(committed));
    expect(Object.keys(committed)).toEqual(CASES.map(nameOf));
  });

  it.each(CASES.filter((one) => one.isQuick).map((one) => [nameOf(one), one] as const))(
    "hold what the first run gives: %s",
    (name, one) => {
      expect(run(one, 0, rules)).toEqual(committed[name]?.[0]);
    },
  );

  it.each(CASES.filter(({ isQuiet }) => isQuiet).map((one) => [nameOf(one), one] as const))(
    "hold what a first quiet day opens: %s",
    (name, { system, story }) => {
      const told = story(17);
      const day = { ...told, until: told.from + DAY_MS };
      const kinds = play(observe(system, day, 17), rules).map(({ kind }) => kind);
      // A cut input changes nothing before the cut, so that a day is the beginning of thirty.
      expect(committed[name]?.[0]?.falseOnes.slice(0, kinds.length)).toEqual(kinds);
      expect(kinds.length).toBeLessThanOrEqual(3);
    },
  );
});
