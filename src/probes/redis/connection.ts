import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

import { AbstractConnector, Redis } from "ioredis";

import { guard } from "../guard.ts";
import { replies } from "./replies.ts";

const PORT = 6379;

/** One connection of our own, whose socket we hold: a frozen server cannot keep it open. */
export interface Connection {
  /** Resolves when commands can be sent. */
  readonly ready: Promise<void>;
  /** Sends all commands in one write, once; an answer for each, in their order. Every one of them may reject. */
  ask(): readonly Promise<string>[];
  /** Why it cannot be used any more; null while it can. */
  failure(): unknown;
  /** Cuts it at once. */
  destroy(): void;
}

/** Begins to connect. `ioredis` neither retries nor says anything by itself here: no HELLO, no INFO, no reconnection. */
export function open(
  url: string,
  commands: readonly (readonly [string, ...string[]])[],
): Connection {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const isSecure = protocol === "rediss:";
  const address = { host, port: port === "" ? PORT : Number(port) };
  const socket: Socket = isSecure
    ? connectTls({ ...address, ...(isIP(host) === 0 ? { servername: host } : {}) })
    : connect(address);
  let failure: unknown = null;
  const note = (error: unknown): void => {
    failure ??= error;
  };
  socket.on("error", note);
  guard(socket, replies(commands.length));
  const redis = new Redis({
    Connector: givingOut(socket),
    // Only tells which event says "connected"; the socket is ours.
    ...(isSecure ? { tls: {} } : {}),
    lazyConnect: true,
    protocol: 2,
    disableClientInfo: true,
    enableReadyCheck: false,
    retryStrategy: null,
    family: 0,
    // The look has a deadline of its own.
    connectTimeout: 0,
  });
  redis.on("error", note);
  const ready = redis.connect();
  ready.catch(note);
  return {
    ready,
    ask() {
      // In one write: Redis closes a connection that it has no room for, and a second write could then hide its reason.
      socket.cork();
      const answers = commands.map(async ([name, ...args]) => {
        try {
          return String(await redis.call(name, ...args));
        } catch (error) {
          throw withoutWords(error);
        }
      });
      socket.uncork();
      // Whoever stops at the first one that rejects leaves the others alone.
      for (const answer of answers) answer.catch(() => undefined);
      return answers;
    },
    failure: () => failure,
    destroy() {
      note(new Error("Connection terminated by Signalman"));
      redis.disconnect();
      socket.destroy();
    },
  };
}

/** A server that does not know AUTH says in its answer with which words it was asked, and the password is one of them. */
function withoutWords(error: unknown): unknown {
  if (error instanceof Error)
    error.message = error.message.replace(/(with args beginning with:).*$/s, "$1 [hidden]");
  return error;
}

/** `ioredis` takes its socket from a class that it makes itself. */
function givingOut(socket: Socket) {
  return class extends AbstractConnector {
    constructor() {
      super(0);
    }
    override connect(): Promise<Socket> {
      return Promise.resolve(socket);
    }
    override disconnect(): void {
      socket.destroy();
    }
  };
}

/** AUTH as the URL says it; null without a password. */
export function loginOf(url: string): ["auth", ...string[]] | null {
  const { username, password } = new URL(url);
  if (password === "") return null;
  const words = username === "" ? [password] : [username, password];
  return ["auth", ...words.map(decoded)];
}

/** The number of the database as the URL says it; null for the first. */
export function databaseOf(url: string): string | null {
  const [, number] = /^\/(\d+)$/.exec(new URL(url).pathname) ?? [];
  return number === undefined || number === "0" ? null : number;
}

/** A sign of per cent that stands for itself is no reason to fail. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
