import { assert, asyncProperty, constantFrom, integer, record, array } from "fast-check";
import { describe, expect, it } from "vitest";

import { defaultRules } from "../config/default-rules.ts";
import { createPanel } from "../detectors/panel.ts";
import { readLine, type SampleLine } from "./lines.ts";
import type { Output } from "./output.ts";
import { createReplay } from "./replay.ts";

const SECOND = 1_000;
const START = 1_661_140_279_000;

function up(
  series: string,
  target: string | null = "postgres",
  everyMs = 10 * SECOND,
): SampleLine[] {
  return Array.from(series, (letter, index) => ({
    ts: START + index * everyMs,
    target,
    probe: null,
    name: "up" as const,
    value: letter === "?" ? null : Number(letter),
  }));
}

async function play(
  lines: readonly SampleLine[],
  options: { readonly verbose?: boolean; readonly opens?: string } = {},
): Promise<readonly Output[]> {
  const replay = createReplay({
    rules: await defaultRules(["postgres", "api"]),
    onlyTarget: "postgres",
    judgeFor: (target, probe) =>
      createPanel({ target, probe, opens: options.opens ?? "database-down" }),
    verbose: options.verbose === true,
  });
  return [...lines.flatMap((line) => replay.take(line)), ...replay.end()];
}

describe("replay", () => {
  it("opens at the third failure and closes when it has stayed well", async () => {
    const out = await play(up(`11${"0".repeat(15)}${"1".repeat(30)}`));
    expect(
      out.map(({ event, ts, kind, target }) => [event, (ts - START) / SECOND, kind, target]),
    ).toEqual([
      ["open", 40, "database-down", "postgres"],
      // Well from 170 s on: healthy at 180, believed at 200 (three such looks), soaked for a minute, seen well at 260.
      ["close", expect.any(Number), "database-down", "postgres"],
    ]);
    expect(((out[1]?.ts ?? 0) - START) / SECOND).toBe(260);
    expect(out[0]?.["id"]).toBe(out[1]?.["id"]);
  });

  it("opens what comes back within five minutes again under its id, and later under another one", async () => {
    const after = async (looks: number) =>
      (await play(up(`11${"0".repeat(15)}${"1".repeat(10 + looks)}${"0".repeat(5)}`))).map(
        ({ event, id }) => [event, id],
      );
    const [[, id] = []] = await after(1);
    const same = ["open", "close", "open"].map((event) => [event, id]);
    // It closes ten looks after its last failure; thirty more are five minutes.
    expect(await after(25)).toEqual(same);
    const late = await after(35);
    expect(late.slice(0, 2)).toEqual(same.slice(0, 2));
    expect(late[2]?.[0]).toBe("open");
    expect(late[2]?.[1]).not.toBe(id);
  });

  describe("an app that flaps", () => {
    const outage = "0000";
    const well = (looks: number): string => "1".repeat(looks);
    const quick = `${outage}${well(2)}`.repeat(4);
    const slower = `${outage}${well(18)}`.repeat(6);
    const minutes = async (series: string) => {
      const out = await play(up(series), { opens: "service-down" });
      return out.map(({ event, ts }) => `${event} ${Math.floor((ts - START) / 60_000)}`);
    };

    it("is one incident, also when its outages become seldom, and closes when it has long been well", async () => {
      const opens = await minutes(`${well(60)}${quick}${slower}${well(200)}`);
      // 10 minutes well, 4 of quick and 22 of slower outages; 12 minutes after the last the changes are few enough, and a minute of soak follows.
      expect(opens).toEqual(["open 10", "close 46"]);
    });

    it("is as many incidents as outages when it has not flapped before, until the third", async () => {
      const opens = await minutes(`${well(60)}${slower}${well(200)}`);
      expect(opens.map((line) => line.split(" ")[0]).join(" ")).toBe(
        "open close open close open close",
      );
    });
  });

  it("opens nothing on two failures, on missing data, or on its end", async () => {
    expect(await play(up("11001100????11"))).toEqual([]);
    expect(await play(up("110"))).toEqual([]);
    expect(await play([])).toEqual([]);
  });

  it("does not close on missing data", async () => {
    expect((await play(up(`11000${"?".repeat(500)}`))).map(({ event }) => event)).toEqual(["open"]);
  });

  it("gives a line without a target to the only one, with the same id", async () => {
    expect(await play(up("11000", null))).toEqual(await play(up("11000", "postgres")));
  });

  it("carries nothing out, and says with verbose what it would ask for", async () => {
    const out = await play(up("1100000"), { verbose: true });
    const intents = out.filter(({ event }) => event === "intent");
    expect(intents.length).toBeGreaterThan(1);
    expect(intents.every(({ slot, action }) => slot === "confirm" && action === "look")).toBe(true);
    expect(out.filter(({ event }) => event === "state").map(({ state }) => state)).toEqual(
      expect.arrayContaining(["confirming.looking", "confirming.doubting"]),
    );
  });

  it.each([
    ["auth_failures", "data-breach", 2, 40],
    ["complaints", "unclassified", 0, 3],
    ["value", "unclassified", 50, 200],
  ] as const)("opens for %s the kind %s, and closes it again", async (name, kind, usual, many) => {
    const lines = Array.from({ length: 480 }, (_, minute) => ({
      ts: START + minute * 60 * SECOND,
      target: "api",
      probe: null,
      name,
      value: minute >= 300 && minute < 330 ? many : usual,
    }));
    const out = await play(lines);
    expect(out.map(({ event, kind: opened, target }) => [event, opened, target])).toEqual([
      ["open", kind, "api"],
      ["close", kind, "api"],
    ]);
    const minutes = out.map(({ ts }) => (ts - START) / SECOND / 60);
    expect(minutes[0]).toBeGreaterThanOrEqual(301);
    expect(minutes[0]).toBeLessThanOrEqual(306);
    expect(minutes[1]).toBeGreaterThanOrEqual(335);
  });

  it("is the same twice, and a cut input changes nothing before the cut", async () => {
    const line = record({
      gap: integer({ min: 0, max: 40 }),
      letter: constantFrom("0", "1", "?", "0"),
      target: constantFrom("api", "postgres"),
    });
    await assert(
      asyncProperty(
        array(line, { minLength: 1, maxLength: 120 }),
        integer({ min: 0, max: 119 }),
        async (steps, at) => {
          let ts = START;
          const lines = steps.map(({ gap, letter, target }) => {
            ts += gap * SECOND;
            return {
              ts,
              target,
              probe: null,
              name: "up" as const,
              value: letter === "?" ? null : Number(letter),
            };
          });
          const whole = await play(lines, { verbose: true });
          expect(JSON.stringify(await play(lines, { verbose: true }))).toBe(JSON.stringify(whole));
          const cut = lines[Math.min(at, lines.length - 1)]?.ts ?? START;
          const part = await play(
            lines.filter((one) => one.ts <= cut),
            { verbose: true },
          );
          expect(part).toEqual(whole.filter((one) => one.ts <= cut));
        },
      ),
      { numRuns: 60 },
    );
  });
});

const MANY = JSON.stringify(
  Object.fromEntries(Array.from({ length: 13 }, (_, at) => [`n${at}`, at])),
);

describe("readLine", () => {
  it.each([
    ['{"ts":1,"signal":"up","value":1}', "sample"],
    ['{"ts":1,"target":"api","signal":"error_ratio","value":0.0127}', "sample"],
    ['{"ts":1,"signal":"up","value":null}', "sample"],
    ['{"ts":1,"signal":"deployment","value":"d-1"}', "sample"],
    ['{"ts":1,"signal":"latency_bucket","le":"+Inf","value":9}', "sample"],
    ['{"event":"open","ts":1}', "other"],
    ['{"fact":"weather","ts":1}', "other"],
    ['{"fact":"platform","ts":1}', "wrong"],
    ['{"event":"request","ts":1}', "wrong"],
    ['{"ts":1,"event":"start","id":"s","cause":null,"version":"1"}', "event"],
    ['{"ts":1,"fact":"watching","since":1,"rules":"r"}', "fact"],
    ["not json", "wrong"],
    ["[]", "wrong"],
    ["null", "wrong"],
    ['{"signal":"up","value":1}', "wrong"],
    ['{"ts":-1,"signal":"up","value":1}', "wrong"],
    ['{"ts":1,"signal":"ups","value":1}', "wrong"],
    ['{"ts":1,"signal":"up"}', "wrong"],
    ['{"ts":1,"signal":"up","value":"1"}', "wrong"],
    ['{"ts":1,"signal":"latency_bucket","value":9}', "wrong"],
    ['{"ts":1,"signal":"up","value":1,"details":{"connectMs":3,"policy":"lru"}}', "sample"],
    ['{"ts":1,"signal":"up","value":1,"details":{"nested":{}}}', "wrong"],
    [`{"ts":1,"signal":"up","value":1,"details":{"long":"${"x".repeat(81)}"}}`, "wrong"],
    [`{"ts":1,"signal":"up","value":1,"details":${MANY}}`, "wrong"],
  ])("%s is %s", (text, kind) => {
    expect(readLine(text).kind).toBe(kind);
  });
});
