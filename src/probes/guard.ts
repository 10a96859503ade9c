import type { Socket } from "node:net";

/**
 * Stands before a client's parser that trusts the server: `check` sees every chunk first, and what it throws, or the parser
 * throws, ends the connection instead of the process. Strangers are found out at once and not at the deadline.
 */
export function guard(stream: Socket, check: (chunk: Buffer) => void): void {
  const emit = stream.emit.bind(stream);
  stream.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    try {
      if (event === "data" && Buffer.isBuffer(values[0])) check(values[0]);
      return emit(event, ...values);
    } catch (error) {
      // After `destroy` the stream reports it as an `error` event, the way of every broken connection.
      stream.destroy(error instanceof Error ? error : new Error(String(error)));
      return true;
    }
  };
}
