import { X509Certificate } from "node:crypto";
import { createServer as createPlain } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from "node:tls";

import { afterEach, beforeEach, expect, test } from "vitest";

import type { Observation } from "../../domain/observation.ts";
import type { Probe } from "../../ports/probe.ts";
import { SELF_SIGNED } from "../stub-servers.ts";
import { definition } from "./index.ts";

const END = Date.parse(new X509Certificate(SELF_SIGNED.cert).validTo);
const DAY_MS = 86_400_000;

const trusted = getCACertificates("default");
beforeEach(() => setDefaultCACertificates([...trusted, SELF_SIGNED.cert]));
afterEach(() => setDefaultCACertificates(trusted));

test.each([
  [9.5 * DAY_MS, 9],
  [DAY_MS - 1, 0],
  [-1, -1],
])("%d ms before its end", async (before, days) => {
  await using app = await secure();
  const probe = probeOf(app.url, END - before);
  const seen = await look(probe);
  expect(seen).toMatchObject({ values: { up: 1 }, details: { certificateDaysLeft: days } });
  expect(app.sockets).toHaveLength(1);
  await probe.close();
});

test("an answer that is not the expected one still shows the certificate; no answer shows none", async () => {
  await using app = await secure(500);
  const probe = probeOf(app.url, END - 20 * DAY_MS);
  expect(await look(probe)).toMatchObject({
    values: { up: 0 },
    details: { certificateDaysLeft: 20 },
  });
  await app[Symbol.asyncDispose]();
  const refused = await look(probe);
  expect(refused.values.up).toBe(0);
  expect(refused).not.toHaveProperty("details.certificateDaysLeft");
  await probe.close();
});

test("every new connection shakes hands in full", async () => {
  await using app = await secure();
  const probe = probeOf(app.url, END - 20 * DAY_MS);
  for (let looks = 0; looks < 3; looks += 1) {
    expect((await look(probe)).details).toEqual({ certificateDaysLeft: 20 });
  }
  expect(app.sockets.length).toBeGreaterThanOrEqual(3);
  expect(app.sockets.some((socket) => socket.isSessionReused())).toBe(false);
  await probe.close();
});

test("over plain http there is none", async () => {
  const server = createPlain((_request, response) => void response.end("{}"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const probe = probeOf(`http://127.0.0.1:${port}/`, END);
  expect(await look(probe)).toMatchObject({ values: { up: 1 }, details: {} });
  await probe.close();
  server.closeAllConnections();
  server.close();
});

async function secure(status = 200) {
  const sockets: TLSSocket[] = [];
  const server = createServer({ ...SELF_SIGNED, maxVersion: "TLSv1.2" }, (_request, response) => {
    // An orderly end, after which a session could be taken up again.
    response.writeHead(status, { connection: "close" }).end("{}");
  });
  server.on("secureConnection", (socket: TLSSocket) => sockets.push(socket));
  await new Promise<void>((resolve) => (server as Server).listen(0, "localhost", resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/`,
    sockets,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function probeOf(url: string, now: number): Probe {
  const config = definition.Config.parse({ kind: "http", url });
  return definition.create({ target: "api", name: "http", config, now: () => now });
}

async function look(probe: Probe): Promise<Observation> {
  const [seen] = await probe.look(new AbortController().signal);
  if (seen === undefined) throw new Error("nothing was observed");
  return seen;
}
