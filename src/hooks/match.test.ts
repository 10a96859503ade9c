import { describe, expect, it } from "vitest";

import { matcher } from "./match.ts";
import { hint } from "./reading.ts";

const TARGETS = [
  { name: "api", service: "tradesense-backend", url: "https://api.example.com/base" },
  { name: "worker", service: "tradesense-backend", url: null },
  { name: "postgres", service: "9f1c-id", url: null },
];
const targetsOf = matcher(TARGETS, "e-1");
const about = (...names: string[]) => hint({ about: "a", words: "w", names });

it.each([
  [["api"], ["api"]],
  [["API"], ["api"]],
  [["Tradesense-Backend"], ["api", "worker"]],
  [["9f1c-id"], ["postgres"]],
  [["unknown", "postgres"], ["postgres"]],
  [["https://api.example.com:443/metrics?x=1"], ["api"]],
  [["api.example.com"], ["api"]],
  [["tradesense-backend.railway.internal:8000"], ["api", "worker"]],
  [["http://u:p@postgres:5432/db"], ["postgres"]],
  [["api-metrics"], []],
  [["toString", "__proto__", ""], []],
  [[], []],
])("%j is about %j", (names, targets) => {
  expect(targetsOf(about(...names))).toEqual(targets);
});

describe("an environment", () => {
  const of = (environment: string | null) => ({ ...about("api"), environment });

  it("that is not ours concerns nobody", () => {
    expect(targetsOf(of("e-1"))).toEqual(["api"]);
    expect(targetsOf(of("e-2"))).toBeNull();
    expect(targetsOf(of("ephemeral e-1"))).toBeNull();
  });

  it("means nothing where we do not know our own, unless it is a pull request's", () => {
    const anywhere = matcher(TARGETS, null);
    expect(anywhere(of("e-2"))).toEqual(["api"]);
    expect(anywhere(of("ephemeral e-2"))).toBeNull();
  });
});

it("a count without a name is about the only target there is", () => {
  const count = { signal: "complaints" as const, value: 1 };
  const nameless = hint({ about: "a", words: "w", count });
  expect(matcher(TARGETS.slice(0, 1), null)(nameless)).toEqual(["api"]);
  expect(targetsOf(nameless)).toEqual([]);
  expect(matcher(TARGETS.slice(0, 1), null)({ ...nameless, names: ["else"] })).toEqual([]);
  expect(matcher(TARGETS.slice(0, 1), null)({ ...nameless, count: null })).toEqual([]);
});
