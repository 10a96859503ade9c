import { readdirSync } from "node:fs";

import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";

import { SEVERITIES } from "../domain/hint.ts";
import { ABOUT_MAX, HINTS_MAX, WORDS_MAX, type Hook } from "./hook.ts";
import { hooks } from "./index.ts";

test("every folder is registered under its own name, and nothing else is", () => {
  const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  expect(Object.keys(hooks).sort()).toEqual(folders.sort());
  for (const [source, hook] of Object.entries(hooks)) expect(hook.source).toBe(source);
});

/** Keys that some source knows, so that random bodies come near to real ones. */
const KEYS = (
  "type severity timestamp status details resource service environment alerts labels annotations fingerprint startsAt " +
  "action data event metric_alert alert_rule projects tags issue title level id name target signal count state " +
  "isEphemeral __proto__ constructor"
).split(" ");
const WORDS = ["firing", "resolved", "critical", "complaints", "triggered", "\u202eabc\n\u0000"];

const { body } = fc.letrec((tie) => ({
  body: fc.oneof(
    { depthSize: "medium" },
    fc.constantFrom(...WORDS),
    fc.string({ unit: "binary" }),
    fc.constantFrom(null, true, 0, -1, 3, 1e300, 0.5),
    fc.array(tie("body"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie("body"), { maxKeys: 8 }),
  ),
}));

describe.each(Object.values<Hook>(hooks))("$source", (hook) => {
  const headers = fc.record({
    "sentry-hook-resource": fc.constantFrom("event_alert", "metric_alert", "issue", "\u0000"),
  });

  it("makes harmless, bounded hints of any JSON, or says in a sentence why not", () => {
    fc.assert(
      fc.property(body, headers, (sent, with_) => {
        const reading = hook.read(JSON.parse(JSON.stringify(sent)), with_);
        if (reading.kind === "refused") {
          expect(reading.why).toMatch(/^expected /);
          return;
        }
        expect(reading.hints.length).toBeLessThanOrEqual(HINTS_MAX);
        for (const hint of reading.hints) {
          expect(hint.about.length).toBeLessThanOrEqual(ABOUT_MAX);
          expect(hint.alert.length).toBeLessThanOrEqual(ABOUT_MAX);
          expect(hint.words.length).toBeLessThanOrEqual(WORDS_MAX);
          // oxlint-disable-next-line no-control-regex
          expect(hint.about + hint.words).not.toMatch(/[\u0000-\u001f\u202a-\u202e]/);
          expect(SEVERITIES).toContain(hint.severity);
          expect(["firing", "resolved", "note"]).toContain(hint.state);
          expect(hint.names.length).toBeLessThanOrEqual(12);
          expect(JSON.parse(JSON.stringify(hint))).toEqual(hint);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("reads the same twice, and does not change what it was given", () => {
    const sent = { type: "x", alerts: [{ labels: { alertname: "a" } }], data: {}, title: "t" };
    const frozen = JSON.stringify(sent);
    expect(hook.read(sent, {})).toEqual(hook.read(sent, {}));
    expect(JSON.stringify(sent)).toBe(frozen);
  });

  it.each([null, [], "text", 7, true])("refuses %j", (sent) => {
    expect(hook.read(sent, {})).toMatchObject({ kind: "refused" });
  });
});
