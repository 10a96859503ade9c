import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

import { describe, expect, it } from "vitest";

import { MAY_IMPORT } from "./support/imports.ts";

const ROOT = resolve(import.meta.dirname, "..");

interface Import {
  readonly file: string;
  readonly target: string;
}

describe("imports", () => {
  const files = ["src", "state-machines", "twin"].flatMap((folder) => sources(join(ROOT, folder)));
  const imports = files.flatMap((file) =>
    importsOf(relative(ROOT, file), readFileSync(file, "utf8")),
  );

  it("sees the whole program", () => {
    expect(files.length).toBeGreaterThan(100);
    expect(imports.length).toBeGreaterThan(400);
  });

  it("go only where the table allows", () => {
    expect(
      imports.filter((one) => !isAllowed(one)).map((one) => `${one.file} → ${one.target}`),
    ).toEqual([]);
  });

  it("use every permission of the table", () => {
    const unused = Object.entries(MAY_IMPORT).flatMap(([folder, allowed]) =>
      allowed
        .filter(
          (permission) =>
            !imports.some((one) => ruleFor(one.file) === folder && matches(one.target, permission)),
        )
        .map((permission) => `${folder} → ${permission}`),
    );
    expect(unused).toEqual([]);
  });

  it.each([
    ["src/core/decide.ts", 'import { request } from "undici";'],
    ["src/core/decide.ts", 'import { readFileSync } from "node:fs";'],
    ["src/core/decide.ts", 'import { createActor } from "xstate";'],
    ["src/domain/sample.ts", 'import { z } from "zod";'],
    [
      "state-machines/database-down/machine.ts",
      'import { decide } from "../../src/core/decide.ts";',
    ],
    ["src/engine/executor.ts", 'import { createRestart } from "../actions/restart/index.ts";'],
    ["src/engine/sampler.ts", 'export { judge } from "../detectors/index.ts";'],
    ["src/storage/sqlite/store.ts", 'const core = await import("../../core/decide.ts");'],
    ["src/probes/http/index.ts", 'import "../../engine/loop.ts";'],
    ["twin/index.ts", 'import { sign } from "../src/actions/switch/control.ts";'],
  ])("would refuse in %s: %s", (file, line) => {
    const [found] = importsOf(file, line);
    expect(found).toBeDefined();
    if (found !== undefined) expect(isAllowed(found)).toBe(false);
  });
});

function sources(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !/\.(test|fixture|contract)\.ts$/.test(name))
    .map((name) => join(folder, name));
}

/** Static, re-exporting, bare and dynamic imports; every relative one ends in `.ts`, so a target is a path. */
function importsOf(file: string, text: string): readonly Import[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s[^"';]*?from\s+"([^"]+)"|(?:^|\n)\s*import\s+"([^"]+)"|import\(\s*"([^"]+)"\s*\)/g;
  return [...text.matchAll(pattern)].map((match) => {
    const name = match[1] ?? match[2] ?? match[3] ?? "";
    if (name.startsWith("."))
      return { file, target: relative(ROOT, resolve(ROOT, dirname(file), name)) };
    return { file, target: name.startsWith("node:") ? name : `npm:${name}` };
  });
}

function ruleFor(file: string): string | undefined {
  return Object.keys(MAY_IMPORT)
    .filter((folder) => file === folder || file.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function isAllowed(one: Import): boolean {
  const folder = ruleFor(one.file);
  if (folder === undefined) return false;
  // A folder may import itself; so may a file with a rule of its own, unless it is one of the two entrances.
  const own = folder.endsWith(".ts") ? dirname(folder) : folder;
  const permissions = [...(own === "src" ? [] : [own]), ...(MAY_IMPORT[folder] ?? [])];
  return permissions.some((permission) => matches(one.target, permission));
}

function matches(target: string, permission: string): boolean {
  if (permission.endsWith(":")) return target.startsWith(permission);
  return target === permission || target.startsWith(`${permission}/`);
}
