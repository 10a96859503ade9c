import { expect, test } from "vitest";
import { createTimeline } from "./timeline.ts";

test("a change is shown after the lag, the first value always", () => {
  const timeline = createTimeline("a", 0);
  timeline.record("b", 1_000);
  expect(timeline.shown({ lagMs: 300 }, 0)).toBe("a");
  expect(timeline.shown({ lagMs: 300 }, 1_299)).toBe("a");
  expect(timeline.shown({ lagMs: 300 }, 1_300)).toBe("b");
  expect(timeline.current).toBe("b");
});

test("once settled the latest value is the first", () => {
  const timeline = createTimeline("a", 0);
  timeline.record("b", 1_000);
  timeline.settle();
  expect(timeline.shown({ lagMs: 300 }, 1_001)).toBe("b");
});

test("what is withheld stays hidden, what was there before stays shown", () => {
  const timeline = createTimeline("a", 0);
  timeline.record("b", 1_000);
  timeline.record("c", 2_000);
  expect(timeline.shown({ lagMs: 0, withheldSince: 1_500 }, 9_000)).toBe("b");
  expect(timeline.shown({ lagMs: 0, withheldSince: 500 }, 9_000)).toBe("a");
});

test("a delay applies to what came after it was asked for", () => {
  const timeline = createTimeline("a", 0);
  timeline.record("b", 1_000);
  timeline.record("c", 2_000);
  const delay = { since: 1_500, ms: 5_000 };
  expect(timeline.shown({ lagMs: 300, delay }, 7_299)).toBe("b");
  expect(timeline.shown({ lagMs: 300, delay }, 7_300)).toBe("c");
});
