import type { Instant } from "../domain/time.ts";
import type { Change, World } from "../domain/world.ts";

/** One line of the output. */
export type Output = { readonly event: string; readonly ts: Instant } & {
  readonly [key: string]: unknown;
};

/** Most lines of a recording lead to nothing. */
export const NOTHING: readonly Output[] = [];

/** What changed for somebody who watches: openings and closings, and on request everything between. */
export function outputOf(
  before: World,
  changes: readonly Change[],
  ts: Instant,
  verbose: boolean,
): readonly Output[] {
  const out: Output[] = [];
  for (const change of changes) {
    if (change.table === "incidents") {
      const { row } = change;
      const old = before.incidents[row.id];
      const about = { kind: row.kind, target: row.target, id: row.id };
      // One that comes back within its reopen window opens again, under its own id.
      const isOpening = old === undefined || (old.closedAt !== null && row.closedAt === null);
      if (isOpening) out.push({ event: "open", ts, ...about });
      if (verbose && old?.state !== row.state)
        out.push({ event: "state", ts, ...about, state: row.state });
      if (row.closedAt !== null && (old === undefined || old.closedAt === null)) {
        out.push({ event: "close", ts, ...about });
      }
    } else if (
      verbose &&
      change.table === "attempts" &&
      before.attempts[change.row.id] === undefined
    ) {
      const { incident, slot, action, target, id } = change.row;
      out.push({ event: "intent", ts, id: incident, attempt: id, slot, action, target });
    } else if (verbose && change.table === "notices") {
      const { incident, kind, title } = change.row;
      out.push({ event: "notice", ts, id: incident, kind, title });
    }
  }
  return out;
}
