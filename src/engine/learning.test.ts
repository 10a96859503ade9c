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

  it("finds a leak of hours with its first look at the memory, and none where the memory is low again", async () => {
    const samples = createMemorySamples();
    const memory = (ts: number, used: number) =>
      look(ts, { memory_used: used, memory_limit: 500e6 });
    // Until the last ten minutes that are over; already long enough to be judged breached.
    const end = Math.floor(NOW / (10 * MINUTE_MS)) * 10 * MINUTE_MS;
    for (let ts = end - 300 * MINUTE_MS; ts < end; ts += MINUTE_MS)
      await samples.append(samplesOf(memory(ts, 360e6 - ((end - ts) / MINUTE_MS) * 1e6)), NEVER);
    const judge = async (used: number): Promise<readonly (string | undefined)[]> => {
      const board = boardNow();
      await learnFrom(samples, board, NEVER);
      expect(board.facts().signals).toEqual({});
      return [1, 2, 3].map(
        (seconds) =>
          board
            .judge([memory(NOW + seconds * SECOND_MS, used)])
            .find(({ signal }) => signal.name === "memory-leak")?.state,
      );
    };
    expect(await judge(360e6)).toEqual(["breached", "breached", "breached"]);
    expect(await judge(90e6)).toEqual(["inconclusive", "inconclusive", "inconclusive"]);
  });
});
