import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";

import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { IS_LONG } from "./support/long.ts";
import type { ActionDefinition, ActionParts } from "../src/actions/definition.ts";
import { plannedAttempt, sightOf, tryOnce } from "../src/actions/testing.ts";

// Follows the recipes of CONTRIBUTING.md in a copy of the repository: what stands there is what is tried here.

// Compilers and daemons of its own.
vi.setConfig({ testTimeout: 60_000 });

const ROOT = resolve(import.meta.dirname, "..");
const FOLDERS = ["bin", "src", "state-machines", "test", "twin"];
const FILES = ["package.json", "tsconfig.json", "vitest.config.ts"];

const RECIPES = [
  ["A probe", "src/probes/memcached", "src/probes/registry.ts"],
  ["A detector", "src/detectors/queue-stuck", "src/detectors/registry.ts"],
  ["An action", "src/actions/requeue", "src/actions/registry.ts"],
  ["A machine", "state-machines/queue-stuck", "state-machines/registry.ts"],
] as const;

let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "signalman-recipes-"));
  for (const name of [...FOLDERS, ...FILES])
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  for (const [name] of RECIPES) {
    for (const { path, isAdded, text } of blocksOf(name)) {
      const file = join(copy, path);
      mkdirSync(dirname(file), { recursive: true });
      if (isAdded) appendFileSync(file, text);
      else writeFileSync(file, text, { flag: "wx" });
    }
  }
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe("following the recipes", () => {
  it.each(RECIPES)("%s is one folder and one line", (name, folder, registry) => {
    const blocks = blocksOf(name);
    const lines = blocks.filter(({ isAdded }) => isAdded);
    expect(lines).toEqual([
      { path: registry, isAdded: true, text: expect.stringMatching(/^export [^\n]*;\n$/) },
    ]);
    const files = blocks.filter(({ isAdded }) => !isAdded);
    expect(new Set(files.map(({ path }) => dirname(path)))).toEqual(new Set([folder]));
  });

  it("leaves everything else as it was", async () => {
    const said = await Promise.all(
      FOLDERS.map((name) => run("diff", ["-rq", join(ROOT, name), join(copy, name)])),
    );
    const lines = said.flatMap(({ out }) => out.split("\n").filter((line) => line !== ""));
    const expected = RECIPES.flatMap(([, folder, registry]) => [
      `Only in ${join(copy, dirname(folder))}: ${basename(folder)}`,
      `Files ${join(ROOT, registry)} and ${join(copy, registry)} differ`,
    ]);
    expect(new Set(lines)).toEqual(new Set(expected));
  });

  it("makes a program with right types", async () => {
    // The program with what is new, and the test that takes it up; with every test only in the long run.
    const include = ["src/main.ts", "src/probes/contract.test.ts", "src/*/*/subject.fixture.ts"];
    const settings = { extends: "./tsconfig.json", ...(IS_LONG ? {} : { include }) };
    writeFileSync(join(copy, "tsconfig.recipes.json"), JSON.stringify(settings));
    const said = await run("node_modules/.bin/tsc", ["--noEmit", "-p", "tsconfig.recipes.json"]);
    expect(said).toEqual({ out: "", code: 0 });
  });

  it("keeps the contracts and the import table", async () => {
    const { out, code } = await run("node_modules/node/bin/node", [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--reporter=verbose",
      "src/probes/contract.test.ts",
      "src/actions/index.test.ts",
      "src/detectors/panel.test.ts",
      "test/architecture.test.ts",
    ]);
    expect(out.split("\n").filter((line) => /^ *[×❯]|^ FAIL|Error:/.test(line))).toEqual([]);
    expect(out).toContain("memcached > a frozen server is a timeout, on time");
    expect(code).toBe(0);
  });
});

describe("the new kinds", () => {
  it("are accepted by the configuration, and their mistakes are not", async () => {
    writeFileSync(join(copy, "signalman.yaml"), CONFIG);
    expect(await signalman("check", "signalman.yaml", "--json")).toMatchObject({
      ok: true,
      faults: [],
    });
    writeFileSync(join(copy, "wrong.yaml"), CONFIG.replace("11211", "0").replace("most", "least"));
    const { faults } = await signalman("check", "wrong.yaml", "--json");
    expect(faults).toMatchObject([
      { path: "targets[0].detect.queue-stuck.least" },
      { path: "targets[0].probes[0].port" },
    ]);
  });

  it("open an incident of their own, run its machine and tell people", async () => {
    const lengths = [5, 5, 5, 500, 500, 500];
    const samples = lengths.map((value, index) =>
      JSON.stringify({ ts: 60_000 * (index + 1), target: "jobs", signal: "value", value }),
    );
    writeFileSync(join(copy, "queue.ndjson"), `${samples.join("\n")}\n`);
    writeFileSync(join(copy, "signalman.yaml"), CONFIG);
    const args = ["--samples", "queue.ndjson", "--config", "signalman.yaml", "--verbose"];
    const { out } = await run("bin/signalman", ["replay", ...args]);
    const lines = out.split("\n").map((line): unknown => JSON.parse(line));
    expect(lines).toContainEqual(
      expect.objectContaining({ event: "open", ts: 360_000, kind: "queue-stuck", target: "jobs" }),
    );
    expect(out).toContain("Work piles up: jobs");
    expect(out).toContain("inspecting");
  });

  it("act once and read back that it happened", async () => {
    let requeuedAt = 0;
    let calls = 0;
    const server = createServer((request, response) => {
      if (request.method === "POST") {
        calls += 1;
        requeuedAt = Date.now();
      }
      response.end(JSON.stringify({ requeuedAt }));
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/requeue`;
      const action = await newAction("requeue");
      const before = { ...plannedAttempt(action, { url }), startedAt: Date.now() };
      expect(await sightOf(action, before)).toMatchObject({ kind: "nothing" });
      const { answer, attempt } = await tryOnce(action, { url });
      expect(answer).toEqual({ kind: "accepted", evidence: {} });
      expect(await sightOf(action, attempt)).toMatchObject({ kind: "seen" });
      expect(calls).toBe(1);
    } finally {
      await new Promise((closed) => server.close(closed));
    }
  });
});

const CONFIG = `version: 1
targets:
  - name: jobs
    url: https://jobs.example.com
    detect: { queue-stuck: { most: 100 } }
    probes: [{ kind: memcached, host: cache.railway.internal, port: 11211 }]
modes: { requeue: suggest, queue-stuck: auto }
actions: { requeue: { deadline: 2s } }
budgets: { requeue: { perHour: 1 } }
limits: { queue-stuck: { soakMs: 1m } }
`;

interface Block {
  readonly path: string;
  /** Its text is added to a file that is there already. */
  readonly isAdded: boolean;
  readonly text: string;
}

/** The blocks of one recipe: behind the language stands the file, with a `+` where a line is added. */
function blocksOf(recipe: string): readonly Block[] {
  const page = readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8");
  const [, section = ""] = page.split(`\n### ${recipe}\n`);
  const [own = ""] = section.split(/\n### /);
  return [...own.matchAll(/^```\w+ (\+?)(\S+)\n([\s\S]*?)^```$/gm)].map(
    ([, plus, path = "", text = ""]) => ({ path, isAdded: plus === "+", text }),
  );
}

async function run(
  file: string,
  args: readonly string[],
): Promise<{ readonly out: string; readonly code: number | undefined }> {
  const { all, exitCode } = await execa(file, args, {
    cwd: copy,
    all: true,
    reject: false,
    timeout: 60_000,
    preferLocal: true,
    env: { NO_COLOR: "1" },
  });
  return { out: all, code: exitCode };
}

async function signalman(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { out } = await run("bin/signalman", args);
  return JSON.parse(out) as Record<string, unknown>;
}

/** The action as the copy registers it. It needs none of the parts of a daemon. */
async function newAction(kind: string) {
  const module: { readonly ACTIONS: readonly ActionDefinition[] } = await import(
    join(copy, "src/actions/index.ts")
  );
  const definition = module.ACTIONS.find(({ traits }) => traits.kind === kind);
  if (definition === undefined) throw new Error(`the copy has no action ${kind}`);
  const { traits } = definition;
  return { traits, ...definition.create({} as ActionParts, traits) };
}
