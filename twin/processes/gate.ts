import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const LISTEN_DEADLINE_MS = 5_000;
const BACKLOG_RETRY_MS = 100;

/**
 * A TCP port in front of processes that listen on Unix sockets, each connection to the next of them in turn. The port
 * keeps its number over restarts; while the gate is shut connections are refused, as with nothing behind the port.
 */
export type Gate = {
  readonly port: number;
  readonly isOpen: boolean;
  /** The sockets new connections go to from now on. */
  serve(socketPaths: readonly string[]): void;
  open(): Promise<void>;
  /** Refuses new connections and cuts those there are. */
  shut(): Promise<void>;
};

/** Opens a gate on a free port of 127.0.0.1, towards nothing yet. */
export async function openGate(): Promise<Gate> {
  const live = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;
  let paths: readonly string[] = [];
  let turn = 0;
  const next = () => paths[turn++ % paths.length];
  // Opening and shutting take a moment each: one after the other, so that the last word counts.
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = (step: () => Promise<void>): Promise<void> => {
    const done = queue.then(step);
    queue = done.catch(() => {});
    return done;
  };
  const open = async () => {
    if (server !== undefined) return;
    const fresh = createServer({ allowHalfOpen: true }, (client) => join(client, next(), live));
    server = fresh;
    port = await listen(fresh, port);
  };
  const shut = async () => {
    const closing = server;
    server = undefined;
    const closed = new Promise<void>((done) => {
      if (closing === undefined) done();
      else closing.close(() => done());
    });
    for (const socket of live) socket.resetAndDestroy();
    live.clear();
    await closed;
  };
  await open();
  return {
    get port() {
      return port;
    },
    get isOpen() {
      return server !== undefined;
    },
    serve(socketPaths) {
      paths = socketPaths;
    },
    open: () => inTurn(open),
    shut: () => inTurn(shut),
  };
}

async function listen(server: Server, wanted: number): Promise<number> {
  const deadline = Date.now() + LISTEN_DEADLINE_MS;
  for (;;) {
    try {
      await new Promise<void>((done, fail) => {
        server.once("error", fail);
        server.listen(wanted, "127.0.0.1", () => {
          server.off("error", fail);
          done();
        });
      });
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("No TCP address.");
      return address.port;
    } catch (error) {
      // While the gate was shut somebody may have borrowed the port for a moment.
      if (Date.now() > deadline) throw error;
      await pause(50);
    }
  }
}

function join(client: Socket, socketPath: string | undefined, live: Set<Socket>): void {
  if (socketPath === undefined) {
    client.resetAndDestroy();
    return;
  }
  live.add(client);
  client.once("close", () => live.delete(client));
  client.on("error", () => client.destroy());
  const dial = () => {
    if (client.destroyed) return;
    const upstream = connect(socketPath);
    const cut = () => client.resetAndDestroy();
    upstream.once("error", (error: NodeJS.ErrnoException) => {
      // A stopped process no longer takes connections: its clients hang, they are not refused.
      if (error.code === "EAGAIN") setTimeout(dial, BACKLOG_RETRY_MS).unref();
      else cut();
    });
    upstream.once("connect", () => {
      upstream.once("close", () => client.destroySoon());
      client.once("close", () => upstream.destroy());
      client.pipe(upstream).pipe(client);
    });
  };
  dial();
}
