import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, it } from "vitest";

import { MACHINES } from "../../state-machines/index.ts";
import { askedBy, loadRunbooks, readRunbook, withOwn } from "./runbooks.ts";
import { ENV, faultsOf, loadText } from "./test-files.ts";

const VALID = `name: mine
machine: unclassified
summary: Something fails.
limits: { samplesMin: 3, quietMs: 6h }
advice: [Look.]
`;
const LIMITS =
  "lookMs: 1s, confirmAgainMs: 1s, confirmsMax: 1, containMs: 1s, waitMs: 1s, waitsMax: 1, asksMax: 1, actsMax: 1, verifyMs: 1s, samplesMin: 1, undoAgainMs: 1s, undosMax: 1, soakMs: 1s";
const FULL = `name: full
machine: database-down
summary: It is down.
limits: { ${LIMITS} }
advice: [Look.]
slots:
  confirm: { action: look }
  contain: { action: switch, with: { switch: read-only, value: "on", message: Wait. } }
  inspect: { action: inspect }
  remedy: { action: restart }
`;

const ROWS: readonly (readonly [name: string, text: string, faults: readonly string[]])[] = [
  ["nothing", "", ["0:0 file-empty"]],
  ["no YAML", "name: [", ["1:8 yaml-syntax"]],
  ["a key twice", `${VALID}name: again\n`, ["6:1 yaml-duplicate-key"]],
  ["an unknown key", `${VALID}limit: {}\n`, ["6:1 unknown-key limit"]],
  ["no summary", VALID.replace("summary: Something fails.\n", ""), ["1:1 missing summary"]],
  ["no advice", VALID.replace("[Look.]", "[]"), ["5:9 wrong-value advice"]],
  [
    "a list for a group",
    VALID.replace("{ samplesMin: 3, quietMs: 6h }", "[3]"),
    [
      "4:9 wrong-type limits",
      "4:9 limit-missing limits.samplesMin",
      "4:9 limit-missing limits.quietMs",
    ],
  ],
  [
    "an unknown machine",
    VALID.replace("unclassified", "unclasified"),
    ["2:10 machine-unknown machine"],
  ],
  [
    "a limit left out",
    VALID.replace("samplesMin: 3, ", ""),
    ["4:9 limit-missing limits.samplesMin"],
  ],
  ["an unknown limit", VALID.replace("3", "3, soakMs: 1s"), ["4:26 limit-unknown limits.soakMs"]],
  ["a limit of zero", VALID.replace("3", "0"), ["4:23 wrong-value limits.samplesMin"]],
  [
    "a length that is too long",
    FULL.replace("soakMs: 1s", "soakMs: 25h"),
    ["4:190 wrong-value limits.soakMs"],
  ],
  [
    "an unknown action",
    FULL.replace("action: restart", "action: reboot"),
    ["10:21 action-unknown slots.remedy.action"],
  ],
  [
    "a parameter nobody knows",
    FULL.replace("action: restart", "action: restart, with: { hard: true }"),
    ["10:38 unknown-key slots.remedy.with.hard"],
  ],
  [
    "a switch turned on without a word",
    FULL.replace(", message: Wait.", ""),
    ["8:36 missing slots.contain.with.message"],
  ],
  [
    "a switch turned half on",
    FULL.replace('"on"', "half"),
    ["8:64 unknown-kind slots.contain.with.value"],
  ],
  [
    "a slot left empty",
    FULL.replace("  inspect: { action: inspect }\n", ""),
    ["7:3 slot-missing slots.inspect"],
  ],
  [
    "a slot that is never asked for",
    `${VALID}slots: { remedy: { action: restart } }\n`,
    ["6:10 slot-unused slots.remedy"],
  ],
  [
    "an unknown slot",
    `${VALID}slots: { renew: { action: restart } }\n`,
    ["6:10 unknown-key slots.renew", "6:10 slot-unused slots.renew"],
  ],
];

it.each(ROWS)("refuses %s", (_, text, faults) => {
  const read = readRunbook(text);
  expect(read.ok ? [] : faultsOf({ ok: false, faults: read.faults }).toSorted(inFile)).toEqual(
    faults,
  );
});

it("accepts what the rows are made from", () => {
  expect(readRunbook(VALID)).toMatchObject({ ok: true });
  expect(readRunbook(FULL)).toMatchObject({
    ok: true,
    runbook: { slots: { confirm: { action: "look", with: {} } }, limits: { soakMs: 1_000 } },
  });
});

it("reads the shipped runbooks, one for each machine", async () => {
  const read = await loadRunbooks();
  expect(read.ok ? read.runbooks.map(({ machine }) => machine).toSorted() : read.faults).toEqual(
    Object.keys(MACHINES).toSorted(),
  );
});

it("reads off a machine what it asks for", () => {
  expect(askedBy("database-down")).toEqual(["confirm", "contain", "inspect", "remedy"]);
  expect(askedBy("unclassified")).toEqual([]);
});

it("gives changed limits another hash, and only them", () => {
  const read = readRunbook(FULL);
  if (!read.ok) throw new Error("expected it to be read");
  const changed = withOwn(read.runbook, { limits: { soakMs: 2_000 } });
  expect(changed.limits).toEqual({ ...read.runbook.limits, soakMs: 2_000 });
  expect(changed.hash).not.toBe(read.runbook.hash);
  expect(withOwn(changed, { limits: { soakMs: 1_000 } })).toEqual(read.runbook);
});

it("names the file of a fault, also through the configuration", async () => {
  const folder = await mkdtemp(join(tmpdir(), "signalman-runbooks-"));
  try {
    const load = async () => {
      const read = await loadRunbooks(folder);
      return read.ok
        ? []
        : read.faults.map(({ code, file }) => `${code} ${file?.split("/").at(-1)}`);
    };
    const name = folder.split("/").at(-1);
    expect(await load()).toEqual(Object.keys(MACHINES).map(() => `runbook-missing ${name}`));
    await writeFile(join(folder, "one.yaml"), VALID);
    await writeFile(join(folder, "two.yaml"), VALID);
    await writeFile(join(folder, "three.yaml"), Uint8Array.of(0xff));
    await writeFile(join(folder, "full.yaml"), FULL.replace("action: restart", "action: reboot"));
    await writeFile(join(folder, "ignored.txt"), "");
    expect(await load()).toEqual([
      "action-unknown full.yaml",
      "file-unreadable three.yaml",
      "runbook-duplicate two.yaml",
    ]);
    const loaded = await loadText("", ENV, { runbooks: folder });
    expect(faultsOf(loaded)).toContain("10:21 action-unknown slots.remedy.action");
  } finally {
    await rm(folder, { recursive: true });
  }
});

function inFile(a: string, b: string): number {
  const [line = 0, column = 0] = a.split(/[: ]/).map(Number);
  const [otherLine = 0, otherColumn = 0] = b.split(/[: ]/).map(Number);
  return line - otherLine || column - otherColumn;
}
