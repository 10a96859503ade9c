import { describe, expect, it } from "vitest";

import type { Delivery, DeliveryState } from "../domain/notice.ts";
import { chooseNext } from "./announcer.ts";

function delivery(
  order: number,
  incident: string | null,
  state: DeliveryState = "pending",
): Delivery {
  return {
    order,
    state,
    tries: state === "sending" ? 1 : 0,
    notice: {
      id: `n${order}` as never,
      incident: incident as never,
      kind: "acted",
      at: order,
      title: `${order}`,
      lines: [],
    },
  };
}

describe("chooseNext", () => {
  it.each([
    [
      "one after the other while few wait",
      [delivery(1, "a"), delivery(2, "a"), delivery(3, "a")],
      "n1",
      [],
    ],
    [
      "only the last state when many of one incident wait",
      [1, 2, 3, 4].map((order) => delivery(order, "a")),
      "n4",
      ["n1", "n2", "n3"],
    ],
    [
      "the notices of others stay",
      [delivery(1, "a"), delivery(2, "b"), delivery(3, "a"), delivery(4, "a"), delivery(5, "a")],
      "n5",
      ["n1", "n3", "n4"],
    ],
    [
      "one that may have arrived is repeated first, with its mark",
      [delivery(1, "a", "sending"), delivery(2, "a"), delivery(3, "a"), delivery(4, "a")],
      "n1",
      [],
    ],
    [
      "notices of no incident are told one by one",
      [1, 2, 3, 4, 5].map((order) => delivery(order, null)),
      "n1",
      [],
    ],
  ] as const)("%s", (_, waiting, next, leftOut) => {
    const plan = chooseNext(waiting);
    expect(plan.next.notice.id).toBe(next);
    expect(plan.leftOut.map(({ notice }) => notice.id)).toEqual(leftOut);
  });
});
