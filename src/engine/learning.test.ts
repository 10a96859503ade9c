import { describe, expect, it } from "vitest";

import { createPanel } from "../detectors/panel.ts";
import { samplesOf, type Values } from "../domain/observation.ts";
import { MINUTE_MS, SECOND_MS } from "../domain/time.ts";
import { createMemorySamples } from "../storage/memory/index.ts";
import { createBoard, LEARNT_MS, type Board } from "./board.ts";
import { learnFrom } from "./learning.ts";

const NOW = 100 * 60 * MINUTE_MS;
const NEVER = new AbortController().signal;

function boardNow(): Board {
  return createBoard(NOW, (target, probe) => createPanel({ target, probe, opens: "service-down" }));
}

function look(ts: number, values: Values) {
  return { target: "api", probe: "metrics", ts, tookMs: 1, values };
}

describe("a daemon that starts again", () => {
  it("knows the past that was recorded, as far as it reaches, and says nothing of it", async () => {
    const samples = createMemorySamples();
    const looks = [NOW - LEARNT_MS - 1, NOW - LEARNT_MS, NOW - MINUTE_MS];
    for (const ts of looks)
      await samples.append(samplesOf(look(ts, { up: 0, requests: 9 })), NEVER);
    const board = boardNow();
    expect(await learnFrom(samples, board, NEVER)).toBe(4);
    expect(board.facts()).toEqual({ watchingSince: NOW, signals: {} });
    expect(board.judge([])).toEqual([]);
  });

  it("finds errors at once that would take it minutes without a past", async () => {
    const samples = createMemorySamples();
    for (let ts = NOW - 60 * MINUTE_MS; ts < NOW; ts += 10 * SECOND_MS) {
      const failed = ts < NOW - 2 * MINUTE_MS ? 0 : 6;
      await samples.append(samplesOf(look(ts, { requests: 60, failed })), NEVER);
    }
    const judge = (board: Board): string | undefined =>
      board
        .judge([look(NOW + SECOND_MS, { requests: 60, failed: 6 })])
        .find(({ signal }) => signal.name === "error-share")?.state;
    expect(judge(boardNow())).toBe("inconclusive");
    const board = boardNow();
    await learnFrom(samples, board, NEVER);
    expect(judge(board)).toBe("breached");
  });
});
