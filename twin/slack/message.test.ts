import { expect, test } from "vitest";
import { checkMessage } from "./message.ts";

test.each([
  ["not json", "invalid_payload"],
  ["[]", "invalid_payload"],
  ["", "invalid_payload"],
  ["{}", "no_text"],
  ['{"text":""}', "no_text"],
  [JSON.stringify({ blocks: Array.from({ length: 51 }, () => ({})) }), "invalid_blocks"],
  [
    JSON.stringify({ text: "a", attachments: Array.from({ length: 101 }, () => ({})) }),
    "too_many_attachments",
  ],
])("%.40s is refused as %s", (body, why) => {
  expect(checkMessage(body)).toEqual({ ok: false, why });
});

test.each([
  '{"text":"hello"}',
  '{"blocks":[{"type":"divider"}]}',
  "payload=%7B%22text%22%3A%22a%22%7D",
])("%s is accepted", (body) => {
  expect(checkMessage(body).ok).toBe(true);
});
