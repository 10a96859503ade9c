import { Socket } from "node:net";

import { Client } from "pg";

import { guard } from "../guard.ts";
import { frames } from "./frames.ts";

/** How long a polite goodbye may take before the socket is simply destroyed. */
const GOODBYE_MS_MAX = 1_000;

/** One connection of our own, whose socket we hold: a frozen server cannot keep it open. */
export interface Connection {
  /** Settles when the server has let us in, or has not. */
  readonly ready: Promise<void>;
  /** The first column of the first row as text; of several statements the last one counts. */
  query(text: string): Promise<string | null>;
  /** Why it cannot be used any more; null while it can. */
  failure(): unknown;
  /** Says goodbye; bounded, nothing to wait for. */
  end(): void;
  /** Cuts it at once. */
  destroy(): void;
}

/** Begins to connect. Throws only on a URL that `pg` cannot read. */
export function open(url: string): Connection {
  const socket = new Socket();
  // An application_name of the URL would win over an option beside it.
  const named = new URL(url);
  named.searchParams.set("application_name", "signalman");
  const client = new Client({ connectionString: named.href, stream: () => socket });
  let failure: unknown = null;
  const note = (error: unknown): void => {
    failure ??= error;
  };
  client.on("error", note);
  client.on("end", () => note(new Error("Connection terminated unexpectedly")));
  // With TLS the raw socket carries cipher text; what pg parses is the stream it puts on top.
  if (client.ssl) onSecured(client, (stream) => guard(stream, frames()));
  else guard(socket, frames());
  const ready = client.connect().then(() => undefined);
  ready.catch(note);
  return {
    ready,
    async query(text) {
      const answered = await client.query<(string | null)[]>({ text, rowMode: "array" });
      // With several statements `pg` gives a list, and does not say so in its types.
      const results: readonly (typeof answered)[] = [answered].flat();
      return results.at(-1)?.rows[0]?.[0] ?? null;
    },
    failure: () => failure,
    end() {
      const late = setTimeout(() => socket.destroy(), GOODBYE_MS_MAX).unref();
      socket.once("close", () => clearTimeout(late));
      client.end().catch(note);
    },
    destroy() {
      note(new Error("Connection terminated by Signalman"));
      socket.destroy();
    },
  };
}

/** Calls back with the stream that `pg` reads once the connection is encrypted. `pg` types none of this. */
function onSecured(client: Client, then: (stream: Socket) => void): void {
  const connection: unknown = Reflect.get(client, "connection");
  if (typeof connection !== "object" || connection === null) return;
  const once: unknown = Reflect.get(connection, "once");
  if (typeof once !== "function") return;
  Reflect.apply(once, connection, [
    "sslconnect",
    () => {
      const stream: unknown = Reflect.get(connection, "stream");
      if (stream instanceof Socket) then(stream);
    },
  ]);
}
