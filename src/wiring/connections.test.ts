import { expect, it } from "vitest";

import { ENV, loadText } from "../config/test-files.ts";
import { createLifecycle } from "../engine/lifecycle.ts";
import { openProbes } from "./connections.ts";

const TEXT = (network: string): string => `version: 1
targets:
  - { name: away, url: "http://nowhere.invalid", probes: [{ kind: http, path: /, timeout: 5s }] }
  - { name: near, url: "http://127.0.0.1:1", probes: [{ kind: http, path: / }] }
${network}
`;
/** Nothing listens at these. */
const PLACES = 'network: { places: ["127.0.0.1:1", "localhost:1"] }';

it.each([
  [PLACES, ["own-network", "connection-refused"]],
  ["", ["dns-failed", "connection-refused"]],
])("doubts only what is reached over the public network: %j", async (network, codes) => {
  const loaded = await loadText(TEXT(network), ENV);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  const lifecycle = createLifecycle(1_000);
  const probes = openProbes(loaded.config, null, { since: 0, last: () => null }, lifecycle);
  const seen = await Promise.all(
    probes.map(({ probe }) => probe.look(new AbortController().signal)),
  );
  expect(seen.flat().map(({ problem }) => problem?.code)).toEqual(codes);
  expect(await lifecycle.stop()).toEqual([]);
});
