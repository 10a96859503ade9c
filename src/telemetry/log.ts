import { pino, type DestinationStream, type Logger } from "pino";

export type Log = Logger;

/** One-line JSON as Railway reads it: `level` as a word, the text as `message`. Secrets are never given to it. */
export function createLog(level: string, destination?: DestinationStream): Log {
  const options = {
    level,
    messageKey: "message",
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
