import type { Exploration, Heard, Node } from "./explore.ts";
import { isTimer, topOf, walk, type Move } from "./walk.ts";

/** Where a machine takes it to be well again. */
const CALM = ["recovered", "sustaining", "undoing", "soaking", "settling", "keeping", "resolved"];

/**
 * Well again is what as many healthy samples in a row say as the bound asks for, none of them older than the act; or somebody says it
 * whose word it is. An incident is resolved on a healthy sample, never by the clock.
 */
export function checkRecovery(of: Exploration): readonly string[] {
  const min = of.limits["samplesMin"] ?? 0;
  return walk(of, { row: 0 }, ({ row }, move) => {
    const { event, from, to, effects } = move;
    const now = Math.min(rowAfter(row, move), min);
    const isWellLongEnough = event.type === "signal.healthy" && now === min;
    const isEffective = effects.some(
      (effect) => effect.type === "judge" && effect.params.as === "effective",
    );
    if (isEffective && !isWellLongEnough) return `judged effective on ${now} healthy samples`;
    if (to.state === "falseAlarm" && event.type !== "confirm.seen" && !isWellLongEnough)
      return `a false alarm on ${now} healthy samples`;
    if (!isCalm(from) && isCalm(to) && !isWellLongEnough && !isSaid(move))
      return `well again on ${now} healthy samples`;
    if (isCalm(from) && to.state === "resolved" && !isResolving(move))
      return "resolved without a healthy sample";
    return { row: now };
  });
}

function rowAfter(row: number, { event: { type }, isHeard }: Move): number {
  if (type === "signal.healthy") return row + 1;
  // What was healthy before an act says nothing of the act.
  const isAct = isHeard && /^(remedy|fallback)\.seen$/.test(type);
  return isAct || type.startsWith("signal.") ? 0 : row;
}

function isCalm(node: Node): boolean {
  return CALM.includes(topOf(node));
}

/** By a person, by what explains it, or, of what no look of ours can check, by its source or its long silence. */
function isSaid({ event, from }: Move): boolean {
  return (
    ["person.resolved", "upstream.opened", "hint.resolved"].includes(event.type) ||
    (event.type === "inspect.seen" && event["advice"] === "hand-over") ||
    isMeantSilence(event, from)
  );
}

/** What a person resolves is over when it is taken back; everything else on a healthy sample. */
function isResolving({ event, from }: Move): boolean {
  return (
    ["person.resolved", "signal.healthy"].includes(event.type) ||
    (event.type === "undo.seen" && topOf(from) === "undoing")
  );
}

/** Nothing that says nothing ends an incident: no missing sample, no timer, no answer that did not come. */
export function checkSilence({ nodes }: Exploration): readonly string[] {
  const wrong = nodes
    .flatMap(({ edges }) => edges)
    .filter(({ event, from, to }) => to.isEnd && isSilence(event) && !isMeantSilence(event, from))
    .map(({ event, from, to }) => `${from.state} – ${event.type} → ${to.state}`);
  return [...new Set(wrong)].sort();
}

function isSilence(event: Heard): boolean {
  return (
    isTimer(event) ||
    ["signal.missing", "signal.inconclusive"].includes(event.type) ||
    /\.(started|failed|unknown|withheld|dropped)$/.test(event.type)
  );
}

/** The one exception: what only others say and no look of ours can check is closed after a long silence, which then says so. */
function isMeantSilence(event: Heard, from: Node): boolean {
  return from.state === "hinted" && isTimer(event);
}
