import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const LISTEN_DEADLINE_MS = 5_000;
const BACKLOG_RETRY_MS = 100;

/**
 * A TCP port in front of a process that listens on a Unix socket. The port keeps its number over restarts of the
 * process; while the gate is shut connections are refused by the system, as with nothing behind the port.
 */
export type Gate = {
  readonly port: number;
  readonly isOpen: boolean;
  open(): Promise<void>;
  /** Refuses new connections and cuts those there are. */
  shut(): Promise<void>;
};

/** Opens a gate on a free port of 127.0.0.1 towards a Unix socket. */
export async function openGate(socketPath: string): Promise<Gate> {
  const live = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;
  const open = async () => {
    if (server !== undefined) return;
    const fresh = createServer({ allowHalfOpen: true }, (client) => join(client, socketPath, live));
    server = fresh;
    port = await listen(fresh, port);
  };
  await open();
  return {
    get port() {
      return port;
    },
    get isOpen() {
      return server !== undefined;
    },
    open,
    async shut() {
      const closing = server;
      server = undefined;
      const closed = new Promise<void>((done) => {
        if (closing === undefined) done();
        else closing.close(() => done());
      });
      for (const socket of live) socket.resetAndDestroy();
      live.clear();
      await closed;
    },
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

function join(client: Socket, socketPath: string, live: Set<Socket>): void {
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
