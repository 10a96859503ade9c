import { expect, it } from "vitest";

import { loadText } from "../../src/config/test-files.ts";
import type { Config } from "../../src/config/config.ts";
import { createMemoryStore } from "../../src/storage/memory/index.ts";
import { startHere } from "../support/app.ts";

// Nothing listens there; what it thinks of its books it says before it has looked.
const TEXT =
  "version: 1\ntargets: [{ name: api, probes: [{ kind: http, url: http://127.0.0.1:9, every: 1h }] }]\n";
const AT_RAILWAY = { RAILWAY_DEPLOYMENT_ID: "d", RAILWAY_VOLUME_MOUNT_PATH: "/data" };

async function configFor(env: Record<string, string>): Promise<Config> {
  const loaded = await loadText(TEXT, env);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  return { ...loaded.config, host: "127.0.0.1", port: 0 };
}

/** The code of the doubt after each start; every start finds the same books. */
async function doubts(...starts: readonly Record<string, string>[]) {
  const books = createMemoryStore();
  const found: (string | null)[] = [];
  for (const env of starts) {
    const { app } = await startHere(await configFor(env), { ...books, close: async () => {} });
    found.push(app.world().marks.booksDoubt?.code ?? null);
    expect(await app.stop()).toEqual([]);
  }
  return found;
}

it("doubts empty books at Railway, over a restart too, and nowhere else", async () => {
  expect(await doubts(AT_RAILWAY, AT_RAILWAY)).toEqual(["books-empty", "books-empty"]);
  expect(await doubts({})).toEqual([null]);
  // What the books knew elsewhere they know at Railway.
  expect(await doubts({}, AT_RAILWAY)).toEqual([null, null]);
});

it("doubts books outside of the volume, until they are on it", async () => {
  const outside = { ...AT_RAILWAY, SIGNALMAN_DATA: "/tmp/x" };
  expect(await doubts(outside, outside, AT_RAILWAY)).toEqual([
    "books-outside-volume",
    "books-outside-volume",
    null,
  ]);
});
