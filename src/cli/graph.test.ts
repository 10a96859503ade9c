import { expect, it } from "vitest";

import { MACHINES } from "../../state-machines/index.ts";
import { register } from "./graph.ts";
import { run } from "./reading.fixture.ts";

it.each(Object.keys(MACHINES))("draws %s with names that Mermaid takes", async (name) => {
  const { code, out, err } = await run(register, ["graph", name]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const [head, ...lines] = out.trimEnd().split("\n");
  expect(head).toBe("stateDiagram-v2");
  const LINE =
    /^ *(?:(?:\[\*\]|\w+) --> (?:\[\*\]|\w+)(?: : [^:;#\n]+)?|state "[\w ]+" as \w+(?: \{)?|\w+ : [^:;#\n]+|\}|classDef person .+|class \w+ person)$/;
  expect(lines.filter((line) => !LINE.test(line))).toEqual([]);
  const drawn = new Set(lines.flatMap((line) => / as (\w+)/.exec(line)?.[1] ?? []));
  const arrows = lines.flatMap((line) => {
    const [, from = "", to = ""] = / (\S+) --> (\S+)/.exec(line) ?? [];
    return from === "" ? [] : [from, to];
  });
  expect(arrows.length).toBeGreaterThan(10);
  expect(arrows.filter((one) => one !== "[*]" && !drawn.has(one))).toEqual([]);
});

it("shows states in states, guards, delays by name, effects, ends, and who has it", async () => {
  const { out } = await run(register, ["graph", "database-down"]);
  const lines = out.split("\n").map((line) => line.trim());
  expect(lines).toEqual(
    expect.arrayContaining([
      "[*] --> confirming",
      'state "confirming" as confirming {',
      "confirming_looking : asks for confirm",
      "confirming_looking --> containing : confirm.seen [saysDown]",
      "confirming_doubting --> confirming_looking : after confirmAgain [mayConfirmAgain]",
      "remedying_asked : asks for remedy",
      "inspecting --> deciding : inspect.seen [advises remedy]",
      "undoing_failing --> undoing_choosing : undo.seen",
      "anywhere --> escalated : person.took",
      "soaking --> confirming : signal.breached [isUnannounced] / tells relapsed",
      "resolved --> [*]",
      "escalated : a person has it",
      "class escalated person",
    ]),
  );
});

it("prints data", async () => {
  const { out } = await run(register, ["graph", "unclassified", "--json"]);
  expect(JSON.parse(out)).toMatchObject({
    version: 1,
    machine: "unclassified",
    machineVersion: 3,
    bounds: ["samplesMin", "quietMs"],
    diagram: expect.stringMatching(/^stateDiagram-v2\n/),
  });
});

it("names the machines there are when it knows none of that name, or none is named", async () => {
  const unknown = await run(register, ["graph", "toString"]);
  expect(unknown).toMatchObject({ code: 2, out: "" });
  expect(unknown.err).toContain("Known are: crash-loop, database-down,");
  expect((await run(register, ["graph"])).code).toBe(2);
});
