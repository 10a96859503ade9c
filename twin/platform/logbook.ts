import { closeSync, openSync, readSync } from "node:fs";
import { replicasOf, type RailwayService } from "./railway-service.ts";

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

type Owner = Pick<Line, "serviceId" | "deploymentId" | "instanceId">;

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
  /** By file: programs that only run once at a time write on in the same one, whoever runs them. */
  const tails = new Map<string, { severity: string; tail: () => string[]; owner: Owner }>();
  let serial = 0;
  const find = () => {
    for (const { service, deployment, replica } of replicasOf(services)) {
      if (replica.log === undefined) continue;
      const owner = {
        serviceId: service.id,
        deploymentId: deployment.id,
        instanceId: replica.instance.id,
      };
      for (const [file, severity] of [
        [replica.log, "info"],
        [`${replica.log}.err`, "error"],
      ] as const) {
        const known = tails.get(file);
        if (known === undefined) tails.set(file, { severity, tail: createTail(file), owner });
        else if (replica.ward !== undefined) known.owner = owner;
      }
    }
  };
  const follow = () => {
    find();
    for (const { severity, tail, owner } of tails.values()) {
      for (const text of tail()) {
        const at = Date.now();
        serial = (serial + 1) % 1_000_000;
        const nanoseconds = String(serial).padStart(6, "0");
        lines.push({
          at,
          timestamp: new Date(at).toISOString().replace("Z", `${nanoseconds}Z`),
          ...understood(text, severity),
          ...owner,
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
