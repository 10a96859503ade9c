import { mulberry32 } from "../../src/detectors/testing.ts";
import { HOUR_MS, MINUTE_MS, type Instant, type Millis } from "../../src/domain/time.ts";
import type { Change, Effect, Fault, Story } from "./story.ts";
import type { System } from "./system.ts";
import { BUSY, RECORDED, SLOW, TRICKLE } from "./systems.ts";

/** One row of the table: a kind of failure (or none) on one system, several times. */
export interface Case {
  readonly kind: string;
  readonly system: System;
  readonly runs: number;
  readonly story: (seed: number) => Story;
  readonly isQuiet: boolean;
  /** Short enough to be played with every change. */
  readonly isQuick: boolean;
}

/** A Wednesday, 00:00 UTC. */
const START: Instant = Date.UTC(2026, 0, 7);
const DAY_MS: Millis = 24 * HOUR_MS;

const ERRORS = ["high-error-rate"];
const LATENCY = ["high-latency"];

export const CASES: readonly Case[] = [
  ...BUSY.flatMap((system) => [
    single("total outage", system, { fails: 1 }, ERRORS),
    single("10 % errors", system, { fails: 0.1 }, ERRORS),
    single("2 % errors", system, { fails: 0.02 }, ERRORS),
    single("latency x2", system, { slows: 2 }, LATENCY),
    single("latency x5", system, { slows: 5 }, LATENCY),
    growing("latency grows x3 in 30 min", system, { slows: 3 }, LATENCY),
    released("release, latency x2", system, { slows: 2 }),
    released("release, +2 points of errors", system, { fails: 0.02 }),
  ]),
  ...BUSY.filter(({ tells }) => tells.errors !== "ratio" || tells.inflight === true).map((system) =>
    single("flood x8", system, { crowd: 8 }, ["traffic-flood"]),
  ),
  ...BUSY.filter(({ tells }) => tells.connections !== undefined).map((system) =>
    single("connections run out", system, { connections: 0.98 }, ["saturation"]),
  ),
  ...BUSY.filter(({ tells }) => tells.memory !== undefined && tells.memory.cache < 0.4).flatMap(
    (system) => [
      single("memory runs out", system, { memory: 0.985 }, ["saturation"]),
      leaking("leak of 2 % per hour", system, { isReleased: false }),
      leaking("leak of 2 % per hour from a release on", system, { isReleased: true }),
    ],
  ),
  ...BUSY.filter(({ tells }) => tells.inflight === true).flatMap((system) => [
    single("requests queue", system, { slows: 10 }, ["saturation"]),
    single("crash loop", system, { crashes: 30 }, ["crash-loop"]),
  ]),
  ...RECORDED.flatMap((system) => [
    campaign("errors in a row", system, ERRORS, [0.05, 0.1, 0.3, 1], "fails", 1),
    campaign("latency in a row", system, LATENCY, [2, 3, 5, 10], "slows", 1),
  ]),
  ...SLOW.flatMap((system) => [
    campaign("errors in a row", system, ERRORS, [0.1, 0.2, 0.5, 1], "fails", 3),
    campaign("latency in a row", system, LATENCY, [2, 3, 5, 10], "slows", 3),
  ]),
  ...[...BUSY, ...RECORDED, ...SLOW, ...TRICKLE].map(quiet),
];

/** Two hours of quiet, half an hour of fault, an hour of quiet. */
function single(kind: string, system: System, effect: Effect, opens: readonly string[]): Case {
  return shaped(kind, system, effect, opens, "step");
}

function growing(kind: string, system: System, effect: Effect, opens: readonly string[]): Case {
  return shaped(kind, system, effect, opens, "ramp");
}

function shaped(
  kind: string,
  system: System,
  effect: Effect,
  opens: readonly string[],
  shape: Fault["shape"],
): Case {
  const story = (seed: number): Story => {
    const random = mulberry32(seed);
    const from = START + Math.floor(24 * random()) * HOUR_MS;
    const begin = from + 2 * HOUR_MS + Math.floor(random() * 10 * MINUTE_MS);
    const until = begin + 30 * MINUTE_MS;
    return {
      from,
      until: until + HOUR_MS,
      faults: [{ from: begin, until, effect, shape, opens }],
      changes: [],
    };
  };
  return { kind, system, runs: 10, story, isQuiet: false, isQuick: true };
}

function released(kind: string, system: System, effect: Effect): Case {
  const story = (seed: number): Story => {
    const random = mulberry32(seed);
    const from = START + Math.floor(24 * random()) * HOUR_MS;
    const begin = from + 3 * HOUR_MS + Math.floor(random() * 10 * MINUTE_MS);
    const until = begin + 30 * MINUTE_MS;
    // A share of nobody knows how many is too little for before against after.
    const opens = ["rollout-regression", ...(system.tells.errors === "ratio" ? ERRORS : [])];
    return {
      from,
      until: until + HOUR_MS,
      faults: [{ from: begin, until, effect, shape: "step", opens }],
      changes: [
        { ts: from + 10 * MINUTE_MS, deployment: "one" },
        { ts: begin + 1, deployment: "two" },
      ],
    };
  };
  return { kind, system, runs: 10, story, isQuiet: false, isQuick: true };
}

/** Begins within the second or third day: before, what the memory of this system does in a day is not known. */
function leaking(
  kind: string,
  system: System,
  { isReleased }: { readonly isReleased: boolean },
): Case {
  const story = (seed: number): Story => {
    const random = mulberry32(seed);
    const from = START + Math.floor(24 * random()) * HOUR_MS;
    const begin = from + Math.round((28 + 44 * random()) * 60) * MINUTE_MS;
    const until = begin + 8 * HOUR_MS;
    const fault: Fault = {
      from: begin,
      until,
      effect: { leaks: 0.02 },
      shape: "step",
      opens: ["memory-leak"],
    };
    const changes = isReleased ? [{ ts: begin, deployment: "leaky" }] : [];
    return { from, until, faults: [fault], changes };
  };
  return { kind, system, runs: 6, story, isQuiet: false, isQuick: false };
}

/** A recording of injected faults: it begins 10 to 60 minutes before the first one, and they follow each other. */
function campaign(
  kind: string,
  system: System,
  opens: readonly string[],
  strengths: readonly number[],
  what: "fails" | "slows",
  stretch: number,
): Case {
  const story = (seed: number): Story => {
    const random = mulberry32(seed);
    const minutes = (least: number, most: number): Millis =>
      Math.round(least + (most - least) * random()) * MINUTE_MS * stretch;
    const from = START + Math.floor(48 * random()) * 30 * MINUTE_MS;
    const faults: Fault[] = [];
    let ts = from + minutes(10, 60);
    for (let count = 0; count < 6; count += 1) {
      const until = ts + minutes(5, 15);
      const strength = strengths[Math.floor(random() * strengths.length)] ?? 1;
      faults.push({ from: ts, until, effect: { [what]: strength }, shape: "step", opens });
      ts = until + minutes(10, 30);
    }
    return { from, until: ts, faults, changes: [] };
  };
  return { kind, system, runs: 10, story, isQuiet: false, isQuick: true };
}

/** Thirty quiet days with a good release a day, now and then one of the same commit, and restarts. */
function quiet(system: System): Case {
  const story = (seed: number): Story => {
    const random = mulberry32(seed);
    const changes: Change[] = [];
    for (let day = 0; day < 30; day += 1) {
      const ts = START + (day + random()) * DAY_MS;
      const draw = random();
      const id = draw < 0.6 ? `d${day}@${day}` : `d${day}@${Math.max(0, day - 1)}`;
      changes.push(draw < 0.8 ? { ts, deployment: id } : { ts });
    }
    return {
      from: START,
      until: START + 30 * DAY_MS,
      faults: [],
      changes: changes.toSorted((a, b) => a.ts - b.ts),
    };
  };
  return { kind: "30 quiet days", system, runs: 1, story, isQuiet: true, isQuick: false };
}
