import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request that came in over the public domain. */
export type Passage = { at: number; serviceId: string; status: number; ms: number };

export type PublicEdge = {
  readonly url: string;
  readonly passages: readonly Passage[];
  stop(): Promise<void>;
};

const KEPT = 50_000;
const UPSTREAM_MS = 15_000;

/**
 * The platform's edge in front of one service: what comes over it is counted and timed, what goes to the service directly is
 * not. A dead upstream is a 502 here.
 */
export async function openEdge(serviceId: string, upstreamPort: () => number): Promise<PublicEdge> {
  const passages: Passage[] = [];
  const server = createServer((incoming, outgoing) => {
    const begun = performance.now();
    const at = Date.now();
    outgoing.once("close", () => {
      const status = outgoing.statusCode;
      passages.push({ at, serviceId, status, ms: performance.now() - begun });
      if (passages.length > KEPT) passages.shift();
    });
    pass(incoming, outgoing, upstreamPort());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passages,
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, port: number): void {
  const { method, url, headers } = incoming;
  const options = { host: "127.0.0.1", port, path: url, headers, ...(method ? { method } : {}) };
  const upstream = request({ ...options, timeout: UPSTREAM_MS }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
    answer.on("error", () => outgoing.destroy());
  });
  const fail = () => {
    if (outgoing.headersSent) outgoing.destroy();
    else
      outgoing
        .writeHead(502, { "content-type": "text/plain" })
        .end("Application failed to respond");
  };
  upstream.on("timeout", () => upstream.destroy());
  upstream.on("error", fail);
  outgoing.on("close", () => upstream.destroy());
  incoming.pipe(upstream);
}
