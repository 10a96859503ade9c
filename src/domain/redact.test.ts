import { describe, expect, it } from "vitest";

import { redact } from "./redact.ts";

describe("what looks like a secret is hidden", () => {
  it.each([
    [
      "could not reach postgres://app:s3cr3t@db.internal:5432/x",
      "postgres://app:[hidden]@db.internal:5432/x",
    ],
    ["redis://default:a@b@host:6379", "redis://default:[hidden]@host:6379"],
    ["Authorization: Bearer abcdef.ghijkl", "[hidden]"],
    ['{"password": "hunter22", "user": "ann"}', '"password": "[hidden]", "user": "ann"'],
    ["GET /x?api_key=0123456789&page=2", "api_key=[hidden]&page=2"],
    ["STRIPE_SECRET=sk_live_0123456789abcdef01", "STRIPE_SECRET=[hidden]"],
    ["used sk_live_0123456789abcdef01 twice", "used [hidden] twice"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "[hidden]"],
  ])("%s", (text, expected) => {
    const clean = redact(text);
    expect(clean).toContain(expected);
    for (const secret of [
      "s3cr3t",
      "a@b",
      "abcdef.ghijkl",
      "hunter22",
      "0123456789",
      "c2lnbmF0dXJl",
    ])
      expect(clean).not.toContain(secret);
  });

  it.each([
    "connection to db.internal:5432 timed out after 30 s",
    "GET https://api.example.com/trades?page=2 502",
    "token expired",
    "mail to ann@example.com bounced",
  ])("and nothing else: %s", (text) => {
    expect(redact(text)).toBe(text);
  });

  it("in time, whatever strangers write", () => {
    const begun = performance.now();
    for (const piece of ["a://", "token", "password=", "x:", "eyJ", "bearer ", "-_", "@"])
      redact(piece.repeat(2_000));
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});
