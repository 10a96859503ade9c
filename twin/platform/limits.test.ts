import { expect, test } from "vitest";
import { createLimits } from "./limits.ts";

test("more than the second's share is refused until a second has passed", () => {
  const rule = createLimits({ perHour: 100, perSecond: 2 });
  expect(rule(10_000_000).retryAfter).toBeUndefined();
  expect(rule(10_000_100).retryAfter).toBeUndefined();
  expect(rule(10_000_200).retryAfter).toBe(1);
  expect(rule(10_001_000).retryAfter).toBeUndefined();
});

test("the hour's budget counts down in the headers and is refilled", () => {
  const rule = createLimits({ perHour: 2, perSecond: 10 });
  const start = 36_000_000;
  expect(rule(start).headers).toEqual({
    "X-RateLimit-Limit": "2",
    "X-RateLimit-Remaining": "1",
    "X-RateLimit-Reset": "39600",
  });
  expect(rule(start + 1).headers["X-RateLimit-Remaining"]).toBe("0");
  expect(rule(start + 600_000).retryAfter).toBe(3_000);
  expect(rule(start + 3_600_000).retryAfter).toBeUndefined();
});
