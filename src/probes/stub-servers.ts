import { createServer as createHttp } from "node:http";
import { createServer, type AddressInfo, type Socket } from "node:net";

// For tests of this folder: servers on free ports that answer as they are told.

/** What a kind of probe shows the contract test, from `subject.fixture.ts` of its folder. */
export interface Subject {
  /** Its configuration for a server on this port of 127.0.0.1. */
  config(port: number): object;
  /** A server that it finds well. */
  healthy(): Promise<{ readonly port: number } & AsyncDisposable>;
  /** It compares with what it read before, so that only its second look can say something. */
  readonly compares?: true;
}

export interface TcpStub extends AsyncDisposable {
  readonly port: number;
  /** Connections that are open at this moment. */
  readonly open: ReadonlySet<Socket>;
  /** Connections there have been. */
  count: number;
}

/** Hands every connection to `serve`. */
export async function tcpServer(serve: (socket: Socket) => void): Promise<TcpStub> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    stub.count += 1;
    socket.on("error", () => undefined);
    socket.on("close", () => open.delete(socket));
    serve(socket);
    // Who reads nothing does not hear the end either.
    if (socket.listenerCount("data") === 0) socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stub = {
    port: (server.address() as AddressInfo).port,
    open,
    count: 0,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return stub;
}

/** One message of PostgreSQL's protocol. */
export function message(kind: string, body: Buffer | string = ""): Buffer {
  const content = Buffer.from(body);
  const header = Buffer.alloc(5);
  header.write(kind, "latin1");
  header.writeUInt32BE(content.length + 4, 1);
  return Buffer.concat([header, content]);
}

/** An error as the server words it, for example `57P03`. */
export function errorMessage(state: string, words: string, severity = "FATAL"): Buffer {
  return message("E", `S${severity}\0V${severity}\0C${state}\0M${words}\0\0`);
}

const LET_IN = Buffer.concat([message("R", Buffer.alloc(4)), message("Z", "I")]);

/** One row with one text. */
export function oneValue(text: string): Buffer {
  const field = Buffer.concat([Buffer.from("at\0"), Buffer.alloc(18)]);
  const value = Buffer.alloc(6);
  value.writeInt16BE(1);
  value.writeInt32BE(text.length, 2);
  return Buffer.concat([
    message("T", Buffer.concat([Buffer.from([0, 1]), field])),
    message("D", Buffer.concat([value, Buffer.from(text)])),
    message("C", "SELECT 1\0"),
    message("Z", "I"),
  ]);
}

/** Plays PostgreSQL after the handshake: `answer` gets the number of the query on this connection, from 0. */
export function postgresLike(
  answer: (query: number, socket: Socket) => Buffer | null,
): (socket: Socket) => void {
  return (socket) => {
    let queries = -1;
    socket.on("data", (chunk: Buffer) => {
      if (chunk[0] === 0x58) socket.end();
      else if (queries === -1) socket.write(LET_IN);
      else {
        const answered = answer(queries, socket);
        if (answered !== null) socket.write(answered);
      }
      queries += 1;
    });
  };
}

/** Plays Redis: answers each command by its name, in capitals; what is not given is answered as a healthy one would. */
export function redisLike(
  answers: { readonly [command: string]: string | null } = {},
): (socket: Socket) => void {
  const all: { readonly [command: string]: string | null } = {
    AUTH: "+OK\r\n",
    PING: "+PONG\r\n",
    INFO: "$0\r\n\r\n",
    CLIENT: "+OK\r\n",
    ...answers,
  };
  return (socket) => {
    let heard = "";
    socket.on("data", (chunk: Buffer) => {
      heard += chunk.toString("latin1");
      // A command is an array of texts; one that is not yet whole waits for its rest.
      for (;;) {
        const command = /^\*(\d+)\r\n/.exec(heard);
        const words = Number(command?.[1] ?? 0);
        const whole = new RegExp(`^\\*\\d+\\r\\n(?:\\$\\d+\\r\\n([^\\r]*)\\r\\n){${words}}`).exec(
          heard,
        );
        if (command === null || whole === null) return;
        const name = whole[0].split("\r\n")[2]?.toUpperCase() ?? "";
        heard = heard.slice(whole[0].length);
        const answer = all[name] ?? null;
        if (answer !== null) socket.write(answer);
      }
    });
  };
}

/** For nothing but tests: a certificate for `localhost` that nobody has signed. */
export const SELF_SIGNED = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWMY1lrUrPB4PnXaz
11tkF6GkcxvpGeLl01Rkt7SdaDuhRANCAASFfHKr0HbLww038BXuejkvB/0Jnatn
6WjO20sH4ko98K3+K3SedpeuFArHeeIkOKWZ/oJjwrlT2lgPvGG4fnnW
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBfzCCASWgAwIBAgIUMmHybWhssKjHLh2SWprOAUIi3pcwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzE5NDUwOVoYDzIxMjYxMDMw
MTk0NTA5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASFfHKr0HbLww038BXuejkvB/0Jnatn6WjO20sH4ko98K3+K3Sedpeu
FArHeeIkOKWZ/oJjwrlT2lgPvGG4fnnWo1MwUTAdBgNVHQ4EFgQUH95hcS2ahbVB
FI5ITdl8im8QofcwHwYDVR0jBBgwFoAUH95hcS2ahbVBFI5ITdl8im8QofcwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEApA07u1iUmpjArGd3t2sQ
ThqBzgBprfmvL48NOHEewU0CIAb+3LjmCFIJVNniMYcXnHNjqaCzWiLFfErS0xSc
6WEl
-----END CERTIFICATE-----`,
};

/** Gives every request the same answer. */
export async function answering(
  text: string,
): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createHttp((_request, response) => void response.end(text));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
