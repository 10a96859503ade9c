import type { Values } from "../../domain/observation.ts";
import type { Details } from "../../domain/sample.ts";
import type { Instant } from "../../domain/time.ts";

/** What Redis tells of itself, as far as this server and user may tell it. */
export interface Told {
  readonly values: Values;
  readonly details: Details;
  readonly processStart: Instant | null;
}

/** Reads the text of INFO. What is not there stays absent; a limit of 0 is none. */
export function readInfo(text: string): Told {
  const fields = new Map(
    text.split(/\r?\n/).flatMap((line): [string, string][] => {
      const colon = line.indexOf(":");
      return colon < 1 ? [] : [[line.slice(0, colon), line.slice(colon + 1)]];
    }),
  );
  const count = (name: string): number | null => {
    const written = fields.get(name) ?? "";
    return /^\d{1,16}$/.test(written) ? Number(written) : null;
  };
  const policy = fields.get("maxmemory_policy");
  return {
    values: present({
      memory_used: count("used_memory"),
      memory_limit: count("maxmemory") || null,
      connections_used: count("connected_clients"),
      connections_limit: count("maxclients") || null,
    }),
    details: {
      ...present({
        evictedKeys: count("evicted_keys"),
        rejectedConnections: count("rejected_connections"),
      }),
      ...(policy === undefined ? {} : { maxmemoryPolicy: policy }),
    },
    processStart: startOf(count("server_time_usec"), count("uptime_in_seconds")),
  };
}

/** Both of the server's own clock, and of the same reading of it: the difference is the same at every look. */
function startOf(nowUs: number | null, uptimeS: number | null): Instant | null {
  if (nowUs === null || uptimeS === null) return null;
  return (Math.floor(nowUs / 1_000_000) - uptimeS) * 1_000;
}

function present<Name extends string>(counts: { readonly [name in Name]: number | null }): {
  readonly [name in Name]?: number;
} {
  const known = Object.entries<number | null>(counts).filter(([, count]) => count !== null);
  return Object.fromEntries(known) as { [name in Name]?: number };
}
