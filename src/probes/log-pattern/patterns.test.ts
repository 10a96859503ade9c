import { describe, expect, test } from "vitest";

import { Config } from "./config.ts";
import { classesWith, classOf, isError } from "./patterns.ts";

const SHIPPED = classesWith({});

describe("what a line of error is about", () => {
  test.each([
    ["asyncpg.exceptions.TooManyConnectionsError: sorry, too many clients already", "database"],
    ["(psycopg2.OperationalError) could not connect to server: Connection timed out", "database"],
    ["QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30", "database"],
    ["canceling statement due to statement timeout", "database"],
    ["Connection terminated due to connection timeout", "database"],
    ["httpx.ConnectTimeout", "external-api"],
    ["Stripe request failed: 503", "external-api"],
    ["GET https://data.alpaca.markets/v2/bars responded 429", "external-api"],
    ["TypeError: fetch failed", "external-api"],
    ["asyncio.exceptions.TimeoutError", "timeout"],
    ["[CRITICAL] WORKER TIMEOUT (pid:31)", "timeout"],
    ["request took too long: ETIMEDOUT", "timeout"],
    ["ValueError: invalid literal for int()", "other"],
    ["", "other"],
  ])("%s → %s", (text, name) => {
    expect(classOf(text, SHIPPED)).toBe(name);
  });

  test("is decided by the configuration's patterns first, also for classes of its own", () => {
    const patterns = { ours: ["journal import"], timeout: ["psycopg.*slow"] };
    const { patterns: parsed } = Config.parse({ kind: "log-pattern", patterns });
    const classes = classesWith(parsed);
    expect(classOf("Journal Import timed out", classes)).toBe("ours");
    expect(classOf("psycopg is slow", classes)).toBe("timeout");
    expect(classOf("deadlock detected", classes)).toBe("database");
  });

  test.each([[["("]], [[".*"]], [[""]], [[]]])("patterns %j are refused", (patterns) => {
    expect(Config.safeParse({ kind: "log-pattern", patterns: { ours: patterns } }).success).toBe(
      false,
    );
  });

  test("is found in time, whatever strangers write", () => {
    for (const piece of ["http://", "stripe ", "time", "Z-", "https://a 5", "pool ", "T 0 "]) {
      const text = piece.repeat(4_000 / piece.length);
      const begun = process.cpuUsage();
      for (let lines = 0; lines < 20; lines += 1) {
        classOf(text, SHIPPED);
        isError("error", text);
      }
      // Every look may bring 500 lines.
      expect(process.cpuUsage(begun).user).toBeLessThan(200_000);
    }
  });
});

describe("whether it is an error", () => {
  test.each([
    ["error", "boom", true],
    ["ERROR", "boom", true],
    ["fatal", "boom", true],
    ["info", "an error", false],
    ["warn", "an error", false],
    ["", "an error", false],
    // Everything on standard error is called so.
    ["error", "INFO:     Started server process [7]", false],
    ["error", "2026-11-25 03:00:01,123 INFO sqlalchemy.engine BEGIN", false],
    ["error", "2026-11-25 03:00:01.123 UTC [27] LOG:  checkpoint starting: time", false],
    ["error", "[2026-11-25 03:00:01 +0000] [7] [INFO] Booting worker", false],
    ["error", "2026-11-25T03:00:01Z [7] DEBUG tick", false],
    ["error", "WARNING: deprecated", false],
    ["error", "2026-11-25 03:00:01.123 UTC [27] ERROR:  deadlock detected", true],
    ["error", "INFORMATION_SCHEMA cannot be read", true],
    ["error", "login failed", true],
  ])("%s: %s → %s", (severity, message, expected) => {
    expect(isError(severity, message)).toBe(expected);
  });
});
