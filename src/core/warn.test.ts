import { expect, it } from "vitest";

import { Theatre } from "../../test/support/theatre.ts";
import { panelsFor } from "../config/panels.ts";
import { eventId } from "../domain/ids.ts";
import { createBoard } from "../engine/board.ts";

it("warns once, says once that it is over, opens nothing and is no fact of other decisions", () => {
  const stage = new Theatre();
  const board = createBoard(0, panelsFor([]));
  const looks = [90, 13, 13, 13, 12, 12, 90, 90, 90, 90, 90, 90];
  for (const [index, days] of looks.entries()) {
    const ts = 1_000_000 + index * 10_000;
    const values = { up: 1 };
    const details = { certificateDaysLeft: days };
    const seen = { target: "api", probe: "http", ts, tookMs: 1, values, details };
    for (const verdict of board.judge([seen])) {
      if (verdict.warns !== true) continue;
      const id = eventId("verdict", verdict.signal.name, ts);
      stage.dispatch({ id, at: ts, cause: null, type: "verdict", verdict });
    }
  }
  expect(stage.notices.map(({ kind, title, at }) => [kind, title, at])).toEqual([
    ["warning", "Warning: api: the certificate ends in 13 days", 1_030_000],
    ["warning-over", "No more warning: api (certificate)", 1_100_000],
  ]);
  expect(stage.world.incidents).toEqual({});
  expect(Object.keys(board.facts().signals)).toEqual(["api|http|up"]);
});
