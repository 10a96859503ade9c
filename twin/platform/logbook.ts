import { closeSync, openSync, readSync } from "node:fs";
import type { RailwayService } from "./railway-service.ts";

/** One line that a process really wrote, with what the platform makes of it. */
export type Line = {
  at: number;
  /** RFC 3339 with nanoseconds; no two lines have the same. */
  timestamp: string;
  message: string;
  severity: string;
  attributes: { key: string; value: string }[];
  serviceId: string;
  deploymentId: string;
  instanceId: string | null;
};

export type Logbook = {
  /** Everything written so far, oldest first. */
  read(): readonly Line[];
  stop(): void;
};

const EVERY_MS = 250;
const KEPT = 20_000;
const CHUNK_BYTES = 1_048_576;

/** Follows the output of the services' processes: standard output is `info`, standard error `error`, JSON says it itself. */
export function startLogbook(services: readonly RailwayService[]): Logbook {
  const lines: Line[] = [];
  const tails = services.flatMap((service) => {
    const log = service.log;
    if (log === undefined) return [];
    return [
      { service, severity: "info", tail: createTail(log) },
      { service, severity: "error", tail: createTail(`${log}.err`) },
    ];
  });
  let serial = 0;
  const follow = () => {
    for (const { service, severity, tail } of tails) {
      for (const text of tail()) {
        const at = Date.now();
        serial = (serial + 1) % 1_000_000;
        const nanoseconds = String(serial).padStart(6, "0");
        lines.push({
          at,
          timestamp: new Date(at).toISOString().replace("Z", `${nanoseconds}Z`),
          ...understood(text, severity),
          serviceId: service.id,
          deploymentId: service.deploymentId,
          instanceId: service.instances.current[0]?.id ?? null,
        });
      }
    }
    lines.splice(0, Math.max(0, lines.length - KEPT));
  };
  const timer = setInterval(follow, EVERY_MS);
  return {
    read() {
      follow();
      return lines;
    },
    stop: () => clearInterval(timer),
  };
}

/** As the platform parses a line: one JSON object with `level` and `message`, or plain text. */
function understood(
  text: string,
  severity: string,
): Pick<Line, "message" | "severity" | "attributes"> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null) throw new Error("no object");
    const { level, message, msg, ...rest } = Object.fromEntries(Object.entries(parsed));
    return {
      message: String(message ?? msg ?? text),
      severity: typeof level === "string" ? level : severity,
      attributes: Object.entries(rest).map(([key, value]) => ({
        key,
        value: JSON.stringify(value),
      })),
    };
  } catch {
    return { message: text, severity, attributes: [] };
  }
}

/** Each call gives the whole lines that were written since the one before. */
function createTail(path: string): () => string[] {
  let offset = 0;
  let rest = "";
  const buffer = Buffer.alloc(CHUNK_BYTES);
  return () => {
    try {
      const file = openSync(path, "r");
      const bytes = readSync(file, buffer, 0, CHUNK_BYTES, offset);
      closeSync(file);
      offset += bytes;
      const pieces = (rest + buffer.toString("utf8", 0, bytes)).split("\n");
      rest = pieces.pop() ?? "";
      return pieces.filter((line) => line.trim() !== "");
    } catch {
      // Not written yet.
      return [];
    }
  };
}
