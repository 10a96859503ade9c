import { describe, expect, it } from "vitest";

import { createPanel } from "../detectors/panel.ts";
import type { Values } from "../domain/observation.ts";
import { MINUTE_MS, SECOND_MS, type Millis } from "../domain/time.ts";
import { createBoard, type Board } from "./board.ts";

const EVERY_MS = 10 * SECOND_MS;
const NEEDS: { readonly [target: string]: readonly string[] } = {
  web: ["api"],
  api: ["postgres"],
};

function boardOf(): Board {
  const judgeFor = (target: string, probe: string) =>
    createPanel({ target, probe, opens: target === "postgres" ? "database-down" : "service-down" });
  return createBoard(0, judgeFor, (target) => NEEDS[target] ?? []);
}

/** Looks at one target for a while; what was said of a signal of it, look by look. */
function watch(
  board: Board,
  from: Millis,
  forMs: Millis,
  seen: { readonly [target: string]: Values },
  of = "api|metrics|error-share",
): readonly string[] {
  const said: string[] = [];
  for (let ts = from; ts < from + forMs; ts += EVERY_MS) {
    const looks = Object.entries(seen).map(([target, values]) => {
      const probe = target === "postgres" ? "postgres" : "metrics";
      return { target, probe, ts, tookMs: 1, values };
    });
    board.judge(looks);
    said.push(board.facts().signals[of]?.state ?? "none");
  }
  return said;
}

const WELL: Values = { requests: 600, failed: 0, memory_used: 1e8 };
const FAILING: Values = { requests: 600, failed: 300, memory_used: 1e8 };

describe("rates of what needs something that does not answer", () => {
  it("say nothing of it, and remember nothing of it when it is back", () => {
    const board = boardOf();
    watch(board, 0, 30 * MINUTE_MS, { postgres: { up: 1 }, api: WELL, web: WELL });
    const from = 30 * MINUTE_MS;
    const down = watch(board, from, 5 * MINUTE_MS, { postgres: { up: 0 }, api: FAILING });
    expect(new Set(down)).toEqual(new Set(["inconclusive"]));
    const after = watch(board, from + 5 * MINUTE_MS, 5 * MINUTE_MS, {
      postgres: { up: 1 },
      api: WELL,
      web: WELL,
    });
    expect(after).not.toContain("breached");
    expect(after.at(-1)).toBe("healthy");
  });

  it("leave out the first look afterwards, which still counts the time before it", () => {
    const board = boardOf();
    watch(board, 0, 30 * MINUTE_MS, { postgres: { up: 1 }, api: WELL });
    const from = 30 * MINUTE_MS;
    watch(board, from, 2 * MINUTE_MS, { postgres: { up: 0 }, api: FAILING });
    watch(board, from + 2 * MINUTE_MS, EVERY_MS, { postgres: { up: 1 }, api: FAILING });
    watch(board, from + 2 * MINUTE_MS + EVERY_MS, EVERY_MS, { postgres: { up: 1 }, api: FAILING });
    const numbers = board.facts().signals["api|metrics|error-share"];
    expect(numbers).toMatchObject({ state: "inconclusive", failing: false });
  });

  it("speak at once of what goes on failing when it is back", () => {
    const board = boardOf();
    watch(board, 0, 30 * MINUTE_MS, { postgres: { up: 1 }, api: WELL });
    const from = 30 * MINUTE_MS;
    watch(board, from, 2 * MINUTE_MS, { postgres: { up: 0 }, api: FAILING });
    const back = from + 2 * MINUTE_MS;
    const after = watch(board, back, 2 * MINUTE_MS, { postgres: { up: 1 }, api: FAILING });
    expect(after.at(-1)).toBe("breached");
    expect(board.facts().signals["api|metrics|error-share"]?.onset).toBeGreaterThanOrEqual(
      back - EVERY_MS,
    );
  });

  it("hold for what needs it through others, and for nothing that it does not explain", () => {
    const board = boardOf();
    const web = "web|metrics|error-share";
    watch(board, 0, 30 * MINUTE_MS, { postgres: { up: 1 }, api: WELL, web: WELL });
    const both = { postgres: { up: 0 }, web: FAILING };
    const said = watch(board, 30 * MINUTE_MS, 5 * MINUTE_MS, both, web);
    expect(new Set(said)).toEqual(new Set(["inconclusive"]));
    const leak = board.facts().signals["web|metrics|memory-leak"];
    expect(leak?.at).toBe(35 * MINUTE_MS - EVERY_MS);
    const alone = boardOf();
    watch(alone, 0, 30 * MINUTE_MS, { postgres: { up: 1 }, api: WELL });
    const own = { postgres: { up: 1 }, api: FAILING };
    expect(watch(alone, 30 * MINUTE_MS, 5 * MINUTE_MS, own).at(-1)).toBe("breached");
  });
});
