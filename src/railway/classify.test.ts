import { expect, test } from "vitest";

import { classify, plain } from "./classify.ts";

const NOW = 1_000_000;
const error = (message: string, more: object = {}) => ({ message, ...more });

test.each([
  ["Not Authorized", "railway-not-authorized"],
  ["not authorized to access this", "railway-not-authorized"],
  ["Two Factor Authentication Required", "railway-not-authorized"],
  ["Project Token not found", "railway-bad-token"],
  ["Rate limit exceeded", "railway-rate-limited"],
  ["Service deployment rate limit exceeded", "railway-rate-limited"],
  ["Problem processing request", "railway-refused"],
  ["Deployment not found", "railway-refused"],
  ['Cannot query field "region" on type "ServiceInstance".', "railway-schema"],
  ['Unknown argument "first" on field "Query.deployments".', "railway-schema"],
  [
    'Field "environment" argument "id" of type "String!" is required, but it was not provided.',
    "railway-schema",
  ],
  ["Something nobody has seen", "railway-refused"],
])("%s", (message, code) => {
  expect(classify(error(message), NOW).code).toBe(code);
});

test("the trace id is kept, wherever it stands", () => {
  expect(classify(error("Not Authorized", { traceId: "t1" }), NOW).detail).toContain("t1");
  const inside = { extensions: { traceId: "t2", code: "INTERNAL_SERVER_ERROR" } };
  expect(classify(error("Not Authorized", inside), NOW).detail).toContain("t2");
});

test("seconds named in the text become the moment to ask again", () => {
  const found = classify(error("Rate limit exceeded, try again in 12 seconds"), NOW);
  expect(found.retryAt).toBe(NOW + 12_000);
  expect(classify(error("Rate limit exceeded"), NOW).retryAt).toBeUndefined();
});

test("text of strangers becomes one bounded line", () => {
  expect(plain("a\u0000b\n\u001b[31mc\u2028d")).toBe("a b [31mc d");
  expect(plain("x".repeat(1_000))).toHaveLength(300);
});
