import { describe, expect, it } from "vitest";

import { Theatre } from "../../test/support/theatre.ts";
import { createMemoryStore } from "../storage/memory/index.ts";
import { problem } from "../domain/problem.ts";
import type { Sending } from "../ports/notifier.ts";
import { waitFor } from "../gameday/wait.ts";
import { systemClock } from "./clock.ts";
import { createBell } from "./loop.ts";

import { readHead } from "../domain/chain.ts";
import type { Delivery, DeliveryState, Notice } from "../domain/notice.ts";
import { booksOf, PLAYS } from "../report/story.fixture.ts";
import { chooseNext, runAnnouncer } from "./announcer.ts";

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

describe("runAnnouncer", () => {
  const NEVER = new AbortController().signal;
  const busy: Sending = {
    kind: "retry",
    certain: true,
    problem: problem("slack-rate-limited", undefined, 0),
  };
  const silent: Sending = {
    kind: "retry",
    certain: false,
    problem: problem("slack-unreachable", undefined, 0),
  };

  /** One notice in the books, the answers Slack gives one after the other, and which tries said they are repeats. */
  async function tell(
    answers: readonly Sending[],
    before: "pending" | "sending",
  ): Promise<readonly boolean[]> {
    const stage = new Theatre().verdict("missing");
    const [entry] = stage.entries;
    if (entry === undefined) expect.unreachable();
    const store = createMemoryStore();
    await store.commit([{ entry, changes: entry.decision.changes }], NEVER);
    const [waiting] = await store.undelivered(10, NEVER);
    if (waiting === undefined) expect.unreachable();
    if (before === "sending") await store.mark(waiting.notice.id, "sending", 1, NEVER);
    const repeats: boolean[] = [];
    const left = [...answers];
    const stop = new AbortController();
    const run = runAnnouncer({
      store,
      notifier: {
        kind: "test",
        send: (_notice, { repeat }) => {
          repeats.push(repeat);
          return Promise.resolve(left.shift() ?? { kind: "delivered" });
        },
      },
      clock: systemClock,
      bell: createBell(systemClock),
      signal: stop.signal,
      onSent: () => undefined,
      onError: (error) => {
        throw error;
      },
    });
    await waitFor("it is delivered", 5_000, async () =>
      (await store.undelivered(10, NEVER)).length === 0 ? true : null,
    );
    stop.abort();
    await run;
    return repeats;
  }

  it.each([
    [
      "a refusal that says it did not arrive makes no repeat",
      [busy, busy],
      "pending",
      [false, false, false],
    ],
    ["silence makes every later try a repeat", [silent, busy], "pending", [false, true, true]],
    [
      "what a crash left unsure stays a repeat, also after Slack asked to wait",
      [busy],
      "sending",
      [true, true],
    ],
  ] as const)("%s", async (_, answers, before, repeats) => {
    expect(await tell(answers, before)).toEqual(repeats);
  });
});

describe("the head of the journal", () => {
  it("goes out of the house with the end of an incident, last, and with nothing else", async () => {
    const stage = PLAYS.healed();
    const store = await booksOf(stage);
    const sent: Notice[] = [];
    const stop = new AbortController();
    const run = runAnnouncer({
      store,
      notifier: {
        kind: "test",
        send: (notice) => {
          sent.push(notice);
          return Promise.resolve({ kind: "delivered" });
        },
      },
      clock: systemClock,
      bell: createBell(systemClock),
      signal: stop.signal,
      onSent: () => undefined,
      onError: (error) => {
        throw error;
      },
    });
    await waitFor("all are delivered", 5_000, async () =>
      (await store.undelivered(10, stop.signal)).length === 0 ? true : null,
    );
    const head = await store.head(stop.signal);
    stop.abort();
    await run;
    if (head === null) expect.unreachable();
    const withHead = sent.filter(({ lines }) => lines.some((line) => line.startsWith("journal ")));
    expect(withHead.map(({ kind }) => kind)).toEqual(["resolved"]);
    expect(sent.length).toBeGreaterThan(1);
    expect(readHead(withHead[0]?.lines.at(-1) ?? "")).toEqual({
      seq: head.seq,
      hash: head.hash.slice(0, 12),
    });
  });
});
