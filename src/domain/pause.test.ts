import { expect, it } from "vitest";

import { inForce, lay, lift, pauseWords, scopeWords, type Pause } from "./pause.ts";
import { dayAndTime } from "./time.ts";

const ALL: Pause = { by: "ann", since: 1, target: null, includingUndo: false };
const API: Pause = { ...ALL, target: "api" };

it.each<[string, Pause | null, Pause, string]>([
  ["nothing stood", null, API, "new"],
  ["the same again", ALL, { ...ALL, since: 5 }, "stands"],
  ["a part of it", ALL, API, "stands"],
  ["an end where there was none", ALL, { ...ALL, until: 9 }, "stands"],
  ["an earlier end", { ...ALL, until: 9 }, { ...ALL, until: 8 }, "stands"],
  ["a later end", { ...ALL, until: 9 }, { ...ALL, until: 10 }, "wider"],
  ["everything", API, ALL, "wider"],
  ["undo too", ALL, { ...ALL, includingUndo: true }, "wider"],
  ["another target", API, { ...API, target: "worker" }, "beside"],
  ["wider and shorter", API, { ...ALL, until: 9 }, "beside"],
])("a second pause: %s", (_, standing, wanted, meeting) => {
  expect(lay(standing, wanted).meeting).toBe(meeting);
});

it("is over at its end, and never without one", () => {
  expect(inForce({ ...ALL, until: 9 }, 8)).not.toBeNull();
  expect(inForce({ ...ALL, until: 9 }, 9)).toBeNull();
  expect(inForce(ALL, Number.MAX_SAFE_INTEGER)).toBe(ALL);
  expect(pauseWords({ ...API, since: 0, until: 3_600_000 })).toBe(
    "api, by ann, until 1970-01-01 01:00:00 UTC",
  );
});

it("names the day as the calendar does", () => {
  for (let day = 0; day < 60 * 365; day += 11) {
    const at = Date.UTC(1999, 11, 20) + day * 86_400_000 + 45_296_000;
    expect(dayAndTime(at)).toBe(`${new Date(at).toISOString().slice(0, 10)} 12:34:56 UTC`);
  }
});

const WORKER: Pause = { ...API, by: "bob", target: "worker", until: 9 };

it("lets several stand beside each other, each with its own end, and takes one away by name", () => {
  const { pause } = lay(API, WORKER);
  expect(pause).toEqual({ ...WORKER, also: [API] });
  expect(scopeWords(pause)).toBe("worker and api");
  expect(pauseWords(pause)).toMatch(/^worker, by bob since .*; api, by ann since .*, until it is/);
  expect(inForce(pause, 8)).toBe(pause);
  expect(inForce(pause, 9)).toEqual(API);
  expect(lift(pause, "api")).toEqual({ lifted: API, left: WORKER });
  expect(lift(pause, "cache")).toEqual({ lifted: null, left: pause });
  expect(lift(pause, null)).toEqual({ lifted: pause, left: null });
  // What everything is paused by is no part of one target.
  expect(lift(lay(pause, ALL).pause, "api")).toEqual({ lifted: null, left: ALL });
});

it("keeps what a wider one does not cover", () => {
  const laid = lay(lay(API, WORKER).pause, { ...ALL, until: 20 });
  expect(laid).toMatchObject({ meeting: "wider", replaced: WORKER });
  expect(laid.pause).toEqual({ ...ALL, until: 20, also: [API] });
  expect(inForce(laid.pause, 20)).toEqual(API);
});
