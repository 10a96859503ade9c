import { expect, it } from "vitest";

import type { Verdict } from "../domain/verdict.ts";
import { verdictText } from "./words.ts";

it("says what else a look learnt in words, harmless and on one line", () => {
  const details = {
    connectMs: 3,
    longestTransactionS: 340,
    blockedQueries: 2,
    maxmemoryPolicy: "all\u001b[31m\nkeys",
  };
  const verdict: Verdict = {
    signal: { target: "postgres", probe: "postgres", name: "up" },
    at: 1,
    state: "healthy",
    before: "healthy",
    onset: null,
    failing: false,
    evidence: {
      detector: "consecutive",
      failures: 0,
      successes: 2,
      unknowns: 0,
      openAfter: 3,
      closeAfter: 2,
      details,
    },
  };
  expect(verdictText(verdict)).toBe(
    "postgres (postgres) is healthy: 2 good in a row (well after 2); connect 3 ms, longest transaction 340 s, blocked queries 2, maxmemory policy all [31m keys",
  );
});
