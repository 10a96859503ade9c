import type { Attempt } from "../../src/domain/attempt.ts";
import type { Instant, Millis } from "../../src/domain/time.ts";
import type { Plan } from "./plan.ts";
import type { World } from "./world.ts";

/** How far it may go with an act by itself. Said here again, because the program's own word is on trial. */
export type Leave = "free" | "asked" | "never";

const CURES: readonly string[] = ["restart", "rollback", "redeploy", "scale"];
const CONTAINS: readonly string[] = ["read-only", "freeze-autodeploy"];

/** `what`: the action, or the switch that is turned on. */
export function leaveFor({ leave, asks }: Plan, what: string): Leave {
  if (leave === "auto") return "free";
  if (leave === "shadow") return "never";
  if (leave === "restart-only") return ["restart", "read-only"].includes(what) ? "free" : "never";
  if (asks === "everything") return "asked";
  return (asks === "remedy" ? CURES : CONTAINS).includes(what) ? "asked" : "free";
}

/** A start as the world saw it: by the run's own time, and by the daemon's clock, which people share. */
export interface Start {
  readonly at: Millis;
  readonly now: Instant;
}

/** How long a yes counts, and how soon a no has to be known: a second, and what the run's grain adds. */
const YES_MS: Millis = 5 * 60_000;
const HEARD_MS: Millis = 1_000;

/** Why this attempt had no standing yes when it started, by what people said; null where it had one. */
export function whyNotApproved(
  { words, plan }: World,
  { id }: Attempt,
  start: Start,
): string | null {
  const slackMs = HEARD_MS + plan.grainMs;
  const about = words.flatMap(({ order, ...when }) =>
    "attempt" in order && order.attempt === id ? [{ ...when, order }] : [],
  );
  const yes = about.filter(
    ({ order, arrivesAt }) => order.order === "approve" && arrivesAt <= start.at,
  );
  if (yes.length === 0) return "nobody said yes to it";
  if (yes.every(({ order }) => start.now - order.at > YES_MS + plan.grainMs))
    return "the yes was too old";
  const no = about.find(
    ({ order, arrivesAt }) =>
      order.order === "reject" && knownAt(plan, arrivesAt) + slackMs < start.at,
  );
  return no === undefined ? null : "somebody had said no to it";
}

/** What cannot be written down is not known; and who just began has to read what lies there. */
function knownAt({ store }: Plan, arrivesAt: Millis): Millis {
  return Math.max(
    arrivesAt,
    ...store.filter(({ from, to }) => arrivesAt >= from && arrivesAt < to).map(({ to }) => to),
  );
}
