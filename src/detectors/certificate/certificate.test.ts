import { expect, test } from "vitest";

import type { Batch } from "../batch.ts";
import { certificate, type CertificateSettings } from "./index.ts";

function lettersOf(days: readonly (number | null)[], more: Partial<CertificateSettings> = {}) {
  let state = certificate.start;
  return days
    .map((left, index) => {
      const details = left === null ? {} : { details: { certificateDaysLeft: left } };
      const batch: Batch = { ts: index * 10_000, values: { up: 1 }, ...details };
      const next = certificate.judge(state, batch, { ...certificate.defaults, ...more });
      state = next.state;
      const { state: word, failing } = next.judgement;
      expect(failing).toBe(false);
      return word === "breached" ? "B" : word.charAt(0);
    })
    .join("");
}

test.each<[string, readonly (number | null)[], string]>([
  ["plenty is left", [90, 90, 89], "hhh"],
  ["fourteen is not below fourteen", [14, 14, 14, 14], "hhhh"],
  ["three looks below begin it", [14, 13, 13, 13, 12], "hiiBB"],
  [
    "once or twice may be an older server on its way out",
    [90, 3, 3, 90, 90, 90, 90, 90],
    "hiiiiiih",
  ],
  ["two servers, one of them forgotten", [90, 3, 90, 3, 90, 3, 90, 3], "hiiiiBBB"],
  ["five in a row end it", [3, 3, 3, 89, 89, 89, 89, 89], "iiBBBBBh"],
  ["a look without a handshake changes nothing", [3, 3, null, 3, null], "iiiBi"],
])("%s", (_, days, letters) => {
  expect(lettersOf(days)).toBe(letters);
});

test("says in words how long is left, and begins with the first look below", () => {
  let state = certificate.start;
  const problems: unknown[] = [];
  for (const [index, left] of [90, 1, 1, 0].entries()) {
    const batch: Batch = { ts: index, values: {}, details: { certificateDaysLeft: left } };
    const next = certificate.judge(state, batch, certificate.defaults);
    state = next.state;
    problems.push([next.judgement.onset, next.judgement.problem?.detail]);
  }
  expect(problems).toEqual([
    [null, undefined],
    [1, undefined],
    [1, undefined],
    [1, "the certificate ends in less than a day"],
  ]);
});

test("is silent where nobody wants to know", () => {
  expect(lettersOf([0, 0, 0, 0], { warnDays: 0 })).toBe("hhhh");
});
