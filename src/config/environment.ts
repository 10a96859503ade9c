import { isAbsolute, relative, resolve } from "node:path";

import { problem, type Problem } from "../domain/problem.ts";
import type { Fault } from "./fault.ts";
import { readTokens, type Token } from "./tokens.ts";

/** Environment variables, as `process.env` holds them. */
export interface Environment {
  readonly [name: string]: string | undefined;
}

/** What the environment says beside the references in the file (design §7). */
export interface Surroundings {
  readonly endpoint: string;
  readonly token: { readonly kind: "project" | "bearer"; readonly value: string } | null;
  readonly projectId: string | null;
  readonly environmentId: string | null;
  readonly statusUrl: string;
  readonly ownService: {
    readonly id: string | null;
    readonly name: string | null;
    /** Under which names it can be reached, in small letters. */
    readonly hosts: readonly string[];
  };
  readonly dataFolder: string;
  /** 0: any free port. */
  readonly port: number;
  readonly host: string;
  readonly paused: boolean;
  /** Who may use the HTTP API. */
  readonly tokens: readonly Token[];
  /** This process is a deployment at Railway. */
  readonly isOnRailway: boolean;
  /** Why the books may be gone with the next deployment; null where they are kept. */
  readonly booksDoubt: Problem | null;
  /** Somebody can approve over HTTP. */
  readonly hasTokens: boolean;
}

const ENDPOINT = "https://backboard.railway.com/graphql/v2";
const STATUS_URL = "https://api.railwaystatus.com/status";
const PORT = 8080;

/** Reads what design §7 names. An empty variable counts as not set. */
export function readSurroundings(env: Environment): {
  readonly surroundings: Surroundings;
  readonly faults: readonly Fault[];
  readonly warnings: readonly string[];
} {
  const faults: Fault[] = [];
  const warnings: string[] = [];
  const read = (name: string): string | null => env[name]?.trim() || null;
  const readUrl = (name: string, fallback: string): string => {
    const value = read(name) ?? fallback;
    const isHttp = URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
    if (!isHttp) faults.push(invalid(name, "expected a http or https URL"));
    return value;
  };
  const project = read("RAILWAY_TOKEN");
  const bearer = read("RAILWAY_API_TOKEN");
  if (project !== null && bearer !== null) {
    warnings.push("RAILWAY_TOKEN and RAILWAY_API_TOKEN are both set: RAILWAY_TOKEN is used");
  }
  if (project === null && bearer === null) {
    warnings.push("no RAILWAY_TOKEN: nothing can be inspected or restarted at Railway");
  }
  const portText = read("PORT") ?? String(PORT);
  const port = Number(portText);
  if (!/^\d{1,5}$/.test(portText) || port > 65_535) {
    faults.push(invalid("PORT", "expected a number from 0 to 65535"));
  }
  const { tokens, faults: tokenFaults } = readTokens(read("SIGNALMAN_TOKENS"));
  faults.push(...tokenFaults);
  // Only a deployment on Railway has these; project and environment are set by people as well.
  const isOnRailway = (read("RAILWAY_DEPLOYMENT_ID") ?? read("RAILWAY_REPLICA_ID")) !== null;
  const volume = read("RAILWAY_VOLUME_MOUNT_PATH");
  const dataFolder = read("SIGNALMAN_DATA") ?? volume ?? "./.signalman";
  return {
    faults,
    warnings,
    surroundings: {
      endpoint: readUrl("RAILWAY_GRAPHQL_ENDPOINT", ENDPOINT),
      token: tokenOf(project, bearer),
      projectId: read("RAILWAY_PROJECT_ID"),
      environmentId: read("RAILWAY_ENVIRONMENT_ID"),
      statusUrl: readUrl("RAILWAY_STATUS_URL", STATUS_URL),
      ownService: {
        id: read("RAILWAY_SERVICE_ID"),
        name: read("RAILWAY_SERVICE_NAME"),
        hosts: [read("RAILWAY_PUBLIC_DOMAIN"), read("RAILWAY_PRIVATE_DOMAIN")].flatMap(
          (host) => host?.toLowerCase() ?? [],
        ),
      },
      dataFolder,
      port,
      host: isOnRailway ? "::" : "127.0.0.1",
      paused: isOn(read("SIGNALMAN_PAUSED")),
      tokens,
      isOnRailway,
      booksDoubt: isOnRailway ? doubtOf(dataFolder, volume) : null,
      hasTokens: tokens.some(({ role }) => role !== "viewer"),
    },
  };
}

function tokenOf(project: string | null, bearer: string | null): Surroundings["token"] {
  if (project !== null) return { kind: "project", value: project };
  return bearer === null ? null : { kind: "bearer", value: bearer };
}

/** What is not on a volume is gone with the next deployment. */
function doubtOf(folder: string, volume: string | null): Problem | null {
  if (volume === null) {
    const detail = "no volume is mounted, so the books are gone with the next deployment";
    return problem("books-outside-volume", detail);
  }
  const way = relative(resolve(volume), resolve(folder));
  if (way !== ".." && !way.startsWith("../") && !isAbsolute(way)) return null;
  const detail = `${folder} is not on the volume (${volume}), so the books are gone with the next deployment`;
  return problem("books-outside-volume", detail);
}

/** Whether a switch in the environment is on: anything but nothing, `0`, `false`, `no` and `off`. */
export function isOn(value: string | null): boolean {
  return value !== null && !["0", "false", "no", "off"].includes(value.toLowerCase());
}

function invalid(name: string, message: string): Fault {
  return { code: "env-invalid", path: `$${name}`, line: 0, column: 0, message };
}
