import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { loadConfig, type Loaded, type LoadOptions } from "./load.ts";

/** Values nobody may ever see in what Signalman says. */
export const SECRETS = {
  DATABASE_URL: "postgres://guard:hunter2-of-the-database@db.railway.internal:5432/app",
  SWITCH_SECRET: "hunter2-of-the-switch",
  SLACK_WEBHOOK_URL: "https://hooks.slack.test/services/hunter2-of-slack",
  RAILWAY_TOKEN: "hunter2-of-railway",
} as const;

export const ENV = {
  ...SECRETS,
  RAILWAY_PROJECT_ID: "project-1",
  RAILWAY_ENVIRONMENT_ID: "environment-1",
} as const;

/** Loads a text as a real file in a folder of its own, beside which further files may lie. */
export async function loadText(
  text: string | Uint8Array,
  env: { readonly [name: string]: string | undefined } = ENV,
  options: LoadOptions & { readonly beside?: { readonly [name: string]: string } } = {},
): Promise<Loaded> {
  const folder = await mkdtemp(join(tmpdir(), "signalman-config-"));
  try {
    await writeFile(join(folder, "signalman.yaml"), text);
    for (const [name, content] of Object.entries(options.beside ?? {})) {
      await writeFile(join(folder, name), content);
    }
    return await loadConfig(join(folder, "signalman.yaml"), env, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Faults as one line each: `3:5 code path`. */
export function faultsOf(loaded: Loaded): readonly string[] {
  return loaded.ok
    ? []
    : loaded.faults.map(({ line, column, code, path }) =>
        `${line}:${column} ${code} ${path}`.trim(),
      );
}
