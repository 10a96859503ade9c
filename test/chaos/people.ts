import type { Attempt } from "../../src/domain/attempt.ts";
import { MINUTE_MS, SECOND_MS, type Millis } from "../../src/domain/time.ts";
import type { Entry } from "../../src/domain/world.ts";
import { CALM_FROM, type Reply } from "./plan.ts";
import type { World } from "./world.ts";

/** Those who read what the daemon asks, and say something to it. */
export interface People {
  /** What the books say now is what they read. */
  read(entry: Entry): void;
}

const BY = "ann (simulation)";
const SILENCE_MS: Millis = 10 * MINUTE_MS;
const INSISTS_AFTER_MS: Millis = 15 * SECOND_MS;

/** `die`: what becomes of the daemon at the moment of an answer. */
export function createPeople(
  world: World,
  die: (death: NonNullable<Reply["death"]>) => void,
): People {
  const { plan, time } = world;
  const rows = new Map<string, Attempt>();
  const replies = [...plan.replies];
  for (const { at, order } of plan.orders) time.after(at, () => giveOrder(world, at, order));
  return {
    read({ decision }) {
      for (const change of decision.changes) {
        if (change.table !== "attempts") continue;
        const before = rows.get(change.row.id)?.state;
        rows.set(change.row.id, change.row);
        if (change.row.state !== "awaiting-approval" || before === "awaiting-approval") continue;
        const reply = replies.shift();
        if (reply === undefined) continue;
        time.after(reply.afterMs, () => answer(world, reply, [...rows.values()], die));
      }
    },
  };
}

/** About the incident that was last spoken of. */
function giveOrder(
  world: World,
  at: Millis,
  order: World["plan"]["orders"][number]["order"],
): void {
  const { entry } = world.entries.findLast((one) => one.entry.decision.incident !== null) ?? {};
  const incident = entry?.decision.incident ?? null;
  if (incident === null) return;
  const forMs = order === "silence" ? { forMs: SILENCE_MS } : {};
  const said = { id: `order-${at}`, order, incident, by: BY, ...forMs };
  world.say(said);
  if (order === "resolve" && world.plan.insists)
    world.time.after(INSISTS_AFTER_MS, () => world.say({ ...said, id: `order-${at}-again` }));
}

/** To whatever waits at this moment. */
function answer(
  world: World,
  reply: Reply,
  rows: readonly Attempt[],
  die: (death: NonNullable<Reply["death"]>) => void,
): void {
  const { time } = world;
  const asked = rows.filter(({ askedAt }) => askedAt !== undefined);
  const waiting = rows.filter(({ state }) => state === "awaiting-approval");
  const answered = reply.isToOld ? asked.slice(0, 1) : waiting;
  if (answered.length === 0 || time.elapsed >= CALM_FROM) return;
  const begun = time.elapsed;
  const say = (name: string): void => {
    for (const { id, incident } of answered) {
      if (incident === null) continue;
      const said = { id: `${name}-${begun}-${id}`, order: reply.answer, attempt: id, by: BY };
      world.say({ ...said, incident, at: time.now() }, reply.lateMs);
    }
  };
  if (reply.death !== null) die(reply.death);
  say("answer");
  if (reply.againMs !== null) time.after(reply.againMs, () => say("again"));
  const { leap } = reply;
  if (leap === null) return;
  const jump = (ms: Millis): void => {
    world.note("world", `the daemon's clock jumps by ${ms / SECOND_MS} s`);
    time.jump(ms);
  };
  time.after(leap.afterMs, () => jump(leap.ms));
  time.after(leap.afterMs + leap.lastsMs, () => jump(-leap.ms));
}
