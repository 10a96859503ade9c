import { expect, test } from "vitest";

import { redact } from "./redact.ts";

test.each([
  ["connect postgres://app:hunter2@db:5432/x failed", "hunter2"],
  ["redis://default:hunter2@redis.railway.internal", "hunter2"],
  ["Authorization: Bearer abcdef123456", "abcdef123456"],
  ['{"password":"hunter2","user":"ann"}', "hunter2"],
  ["DB_PASSWORD=hunter2 node server.js", "hunter2"],
  ["api_key: 'hunter2'", "hunter2"],
  ["x-api-key=hunter2&y=1", "hunter2"],
  ["token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "eyJ"],
  ["mail to ann@example.com", "ann@example.com"],
  ["card 4111 1111 1111 1111 declined", "4111"],
  ["key sk-live_abcdefghijklmnop", "abcdefghijklmnop"],
  [`digest ${"0123456789abcdef".repeat(4)}`, "0123456789abcdef"],
])("%s loses its secret", (text, secret) => {
  expect(redact(text)).not.toContain(secret);
});

test.each([
  "GET /trades 500 in 31 ms",
  "FATAL: sorry, too many clients already",
  "deployment 0b6f2f0e-6b0b-4a64-8d0f-0a4e2a8f3c11 of 4be0b7c",
  "Error: connect ECONNREFUSED 127.0.0.1:5432",
])("%s stays as it is", (text) => {
  expect(redact(text)).toBe(text);
});

test("is one line and bounded", () => {
  expect(redact(`a\nb\u0000c${"x".repeat(10_000)}`, 50)).toHaveLength(50);
  expect(redact("a\r\nb")).toBe("a b");
});
