import type { Finding } from "./looking.ts";

/**
 * A server that has no connection left cannot tell us so in numbers: what it last said of its limit is then the limit, and
 * all of it is used. One for each probe; the limit is forgotten with the process.
 */
export function exhausted(): (finding: Finding) => Finding {
  let limit: number | null = null;
  return (finding) => {
    limit = finding.more?.connections_limit ?? limit;
    const isFull = finding.value === null && finding.problem.code === "connections-exhausted";
    if (!isFull || limit === null) return finding;
    return { ...finding, more: { connections_used: limit, connections_limit: limit } };
  };
}
