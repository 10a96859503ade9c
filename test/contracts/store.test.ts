import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { createMemoryStore } from "../../src/storage/memory/index.ts";
import { openSqliteStore } from "../../src/storage/sqlite/index.ts";
import { storeContract } from "./store.contract.ts";

storeContract("memory", async () => ({ store: createMemoryStore(), remove: async () => {} }));

storeContract("sqlite", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "signalman-store-"));
  const opened = await openSqliteStore({ folder });
  if (opened.kind !== "open") throw new Error(JSON.stringify(opened));
  const { store } = opened;
  return {
    store,
    remove: async () => {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});
