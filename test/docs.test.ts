import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { TRAITS } from "../src/actions/index.ts";
import { PROBLEMS } from "../src/domain/problem.ts";
import { createMetrics } from "../src/telemetry/metrics.ts";
import { MACHINES } from "../state-machines/index.ts";
import { MAY_IMPORT } from "./support/imports.ts";
import {
  checkCommands,
  checkLinks,
  checkPaths,
  checkScripts,
  pagesBelow,
  spansOf,
  tableOf,
  type Fault,
  type Page,
  type Seen,
} from "./support/markdown.ts";

const ROOT = resolve(import.meta.dirname, "..");
const TEST_COMMAND = "npm ci && npm test";

const Package = z.object({
  scripts: z.record(z.string(), z.string()),
  dependencies: z.record(z.string(), z.string()),
});
const RailwayFile = z.object({
  deploy: z.object({ startCommand: z.string(), healthcheckPath: z.string() }),
});

const manifest = Package.parse(JSON.parse(read("package.json")));
const scripts = Object.keys(manifest.scripts);
const pages = pagesBelow(ROOT);

describe("what pages name exists", () => {
  let commands: readonly string[] = [];
  beforeAll(() => {
    commands = commandsOfTheProgram();
  });

  it("links", () => {
    const seen = overAll((page) => checkLinks(ROOT, page));
    expect(seen.faults).toEqual([]);
    expect(seen.count).toBeGreaterThan(30);
    expect(checkLinks(ROOT, bad("[a](docs/nothing.md)")).faults).toHaveLength(1);
    expect(checkLinks(ROOT, bad("[a](README.md#no-such-heading)")).faults).toHaveLength(1);
  });

  it("paths in backticks", () => {
    const seen = overAll((page) => checkPaths(ROOT, page));
    expect(seen.faults).toEqual([]);
    expect(seen.count).toBeGreaterThan(80);
    expect(checkPaths(ROOT, bad("see `src/core/decided.ts`")).faults).toHaveLength(1);
    expect(checkPaths(ROOT, bad("see `sources/core/decide.ts`")).faults).toHaveLength(1);
    expect(checkPaths(ROOT, bad("an `application/json` body of `a/b`"))).toMatchObject({
      count: 0,
    });
  });

  it("scripts", () => {
    const seen = overAll((page) => checkScripts(scripts, page));
    expect(seen.faults).toEqual([]);
    expect(seen.count).toBeGreaterThan(15);
    expect(checkScripts(scripts, bad("`npm run tests`")).faults).toHaveLength(1);
  });

  it("commands of the program", () => {
    expect(commands.length).toBeGreaterThanOrEqual(8);
    const seen = overAll((page) => checkCommands(commands, page));
    expect(seen.faults).toEqual([]);
    expect(seen.count).toBeGreaterThan(20);
    expect(checkCommands(commands, bad("`signalman deny X`")).faults).toHaveLength(1);
    expect(checkCommands(commands, bad("`npm run signalman -- halt`")).faults).toHaveLength(1);
  });
});

describe("what pages list is what there is", () => {
  it("problems.md and the catalogue of problems", () => {
    const rows = tableOf(read("docs/reference/problems.md"), "Code");
    expect(rows).toEqual(Object.entries(PROBLEMS).map(([code, text]) => [`\`${code}\``, text]));
    expect(rows.length).toBeGreaterThan(40);
  });

  it("metrics.md and the registry", async () => {
    const { registry } = createMetrics();
    const own = (await registry.getMetricsAsJSON()).filter(({ name }) =>
      name.startsWith("signalman_"),
    );
    const rows = tableOf(read("docs/reference/metrics.md"), "Metric");
    expect(rows).toEqual(
      own.map(({ name, type, help }) => [
        `\`${name}\``,
        String(type),
        labelsOf(registry.getSingleMetric(name))
          .map((label) => `\`${label}\``)
          .join(", ") || "none",
        help,
      ]),
    );
    expect(rows.length).toBeGreaterThanOrEqual(8);
  });

  it("the import table of ARCHITECTURE.md and the one that is enforced", () => {
    const rows = tableOf(read("ARCHITECTURE.md"), "Folder");
    expect(
      rows.map(([folder = "", allowed = ""]) => [spansOf(folder)[0], spansOf(allowed)]),
    ).toEqual(Object.entries(MAY_IMPORT));
    expect(rows.length).toBeGreaterThan(15);
  });

  it("the page of runbooks and the registry of actions", () => {
    const rows = tableOf(read("docs/reference/runbooks.md"), "Action");
    expect(rows.map(([name = ""]) => spansOf(name)[0]).toSorted(byName)).toEqual(
      Object.keys(TRAITS).toSorted(byName),
    );
  });

  it("the page of machines and their registry", () => {
    const rows = tableOf(read("state-machines/README.md"), "Kind");
    expect(rows.map(([name = ""]) => spansOf(name)[0] ?? "").toSorted(byName)).toEqual(
      Object.keys(MACHINES)
        .filter((kind) => kind !== "unclassified")
        .toSorted(byName),
    );
  });

  it("the page of dependencies and package.json", () => {
    const rows = tableOf(read("docs/decisions/0006-run-time-dependencies.md"), "Package");
    expect(new Set(rows.map(([name = ""]) => spansOf(name)[0]))).toEqual(
      new Set(Object.keys(manifest.dependencies)),
    );
    expect(rows.every((cells) => cells.length === 4 && cells.every((cell) => cell !== ""))).toBe(
      true,
    );
  });

  it("the index of decisions and their pages", () => {
    const rows = tableOf(read("docs/decisions/README.md"), "#");
    const files = readdirSync(join(ROOT, "docs/decisions")).filter((name) => /^\d{4}-/.test(name));
    expect(rows.map(([link = ""]) => /\(([^)]+)\)/.exec(link)?.[1])).toEqual(files.sort());
    expect(files.length).toBeGreaterThanOrEqual(9);
  });

  it("the configuration in the README and the example file", () => {
    const shown = /```yaml\n([\s\S]*?)```/.exec(read("README.md"))?.[1];
    expect(shown).toBe(read("signalman.example.yaml").replaceAll(/^#.*\n/gm, ""));
  });

  it("tells a table that differs", () => {
    const text = "| Code | Meaning |\n|---|---|\n| `a` | one |\n| `b` | two |\n\n| `c` | other |\n";
    expect(tableOf(text, "Code")).toEqual([
      ["`a`", "one"],
      ["`b`", "two"],
    ]);
    expect(tableOf(text, "Metric")).toEqual([]);
  });
});

describe("what must be run", () => {
  it("is the README's test command, in the README's own block and in the checks before landing", () => {
    expect(read("README.md")).toContain(`\n\`\`\`sh\n${TEST_COMMAND}\n\`\`\`\n`);
    expect(read(".ci/run").split("\n")).toContain(TEST_COMMAND);
  });

  it("is on Railway what the pages say", () => {
    const { deploy } = RailwayFile.parse(JSON.parse(read("railway.json")));
    for (const page of ["README.md", "docs/reference/deploy.md"]) {
      expect(read(page)).toContain(`\`${deploy.startCommand}\``);
      expect(read(page)).toContain(`\`${deploy.healthcheckPath}\``);
    }
    const [, program = "", command = ""] = deploy.startCommand.split(" ");
    expect(program).toBe("bin/signalman");
    expect(commandsOfTheProgram()).toContain(command);
  });
});

function byName(a = "", b = ""): number {
  return a < b ? -1 : 1;
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

function bad(text: string): Page {
  return { path: "README.md", text };
}

function overAll(check: (page: Page) => Seen): Seen {
  const faults: Fault[] = [];
  let count = 0;
  for (const page of pages) {
    const seen = check(page);
    count += seen.count;
    faults.push(...seen.faults);
  }
  return { count, faults };
}

/** By its own help: the words that begin a line under "Commands:". */
function commandsOfTheProgram(): readonly string[] {
  const help = execFileSync(process.execPath, [join(ROOT, "bin/signalman"), "--help"], {
    encoding: "utf8",
    timeout: 15_000,
  });
  const [, list = ""] = help.split("Commands:\n");
  return [...list.matchAll(/^ {2}([a-z]+)\b/gm)].map((match) => match[1] ?? "");
}

function labelsOf(metric: object | undefined): readonly string[] {
  const labels: unknown = metric === undefined ? [] : Reflect.get(metric, "labelNames");
  return z.array(z.string()).parse(labels);
}
