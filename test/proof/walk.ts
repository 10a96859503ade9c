import type { Slot } from "../../src/domain/runbook.ts";
import type { Effect, TROUBLES } from "../../state-machines/vocabulary.ts";
import { ALPHABET } from "./alphabet.ts";
import type { Exploration, Heard, Node } from "./explore.ts";

/** One event in one state, also one that nothing there listens to: it happens all the same. */
export interface Move {
  readonly event: Heard;
  readonly from: Node;
  readonly to: Node;
  readonly effects: readonly Effect[];
  readonly isHeard: boolean;
  /** The attempt that is asked for or under way before the event, and the one after it. */
  readonly pending: Pending | null;
  readonly after: Pending | null;
}

/** The attempt that was asked for last, while the state that asked lasts: the core withdraws what was not begun when it is left. */
export interface Pending {
  readonly slot: Slot;
  readonly askedIn: string;
  readonly isBegun: boolean;
}

/** What has to be remembered of the way to judge the next move: small plain data. A text is what is wrong with the move. */
export type Judge<M> = (memory: M, move: Move) => M | string;

type Bare = Omit<Move, "pending" | "after">;

/**
 * Every way through a machine that the ledger allows, as far as the memory of the judge tells ways apart. All wrong moves, each once.
 */
export function walk<M extends object>(
  { nodes, opening }: Exploration,
  start: M,
  judge: Judge<M>,
): readonly string[] {
  const [first] = nodes;
  if (first === undefined) throw new Error("there is nothing to walk");
  const wrong = new Set<string>();
  const seen = new Set<string>();
  const queue: { readonly memory: M; readonly pending: Pending | null; readonly node: Node }[] = [];
  const go = (memory: M, pending: Pending | null, move: Bare): void => {
    if (!isPossible(pending, move.event)) return;
    const after = pendingAfter(pending, move);
    const next = judge(memory, { ...move, pending, after });
    if (typeof next === "string") {
      wrong.add(`${move.from.state} – ${move.event.type} → ${move.to.state}: ${next}`);
      return;
    }
    const key = `${move.to.index} ${JSON.stringify(next)} ${after?.slot} ${after?.isBegun}`;
    if (seen.has(key)) return;
    seen.add(key);
    if (!move.to.isEnd) queue.push({ memory: next, pending: after, node: move.to });
  };
  const opened = { type: "opened" };
  go(start, null, { event: opened, from: first, to: first, effects: opening, isHeard: true });
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const { memory, pending, node } = at;
    for (const edge of node.edges) go(memory, pending, { ...edge, isHeard: true });
    for (const event of unheardIn(node)) {
      if (!event.type.startsWith("signal.") && !isOf(pending, event)) continue;
      go(memory, pending, { event, from: node, to: node, effects: [], isHeard: false });
    }
  }
  return [...wrong].sort();
}

/**
 * The ledger's order: what has begun is no longer withheld or dropped, and only what has begun is seen or has failed. The end of what
 * was switched on may also be read back although nothing was asked.
 */
function isPossible(pending: Pending | null, event: Heard): boolean {
  if (!isOf(pending, event)) return true;
  if (isOf(pending, event, "started", "withheld", "dropped")) return pending?.isBegun === false;
  return pending?.isBegun === true || pending?.slot === "undo";
}

function pendingAfter(pending: Pending | null, { event, to, effects }: Bare): Pending | null {
  let now = pending;
  if (now !== null && isOf(now, event, "started")) now = { ...now, isBegun: true };
  if (isOf(now, event, "seen", "failed", "unknown", "dropped")) now = null;
  if (now !== null && topOf(to) !== now.askedIn) now = null;
  for (const slot of asksOf(effects)) now = { slot, askedIn: topOf(to), isBegun: false };
  return now;
}

/** The event says this of the attempt that is pending; anything of it when no word is named. */
export function isOf(
  pending: Pending | null,
  { type }: Heard,
  ...words: readonly ("started" | "seen" | (typeof TROUBLES)[number])[]
): boolean {
  if (pending === null || !type.startsWith(`${pending.slot}.`)) return false;
  return words.length === 0 || words.some((word) => type === `${pending.slot}.${word}`);
}

const unheard = new WeakMap<Node, readonly Heard[]>();

function unheardIn(node: Node): readonly Heard[] {
  const known = unheard.get(node);
  if (known !== undefined) return known;
  const heard = new Set(node.edges.map(({ event }) => event.type));
  const others = ALPHABET.filter(({ type }) => !heard.has(type));
  unheard.set(node, others);
  return others;
}

export function asksOf(effects: readonly Effect[]): readonly Slot[] {
  return effects.flatMap((effect) => (effect.type === "ask" ? [effect.params.slot] : []));
}

export function tellsOf(effects: readonly Effect[]): readonly string[] {
  return effects.flatMap((effect) => (effect.type === "tell" ? [effect.params.notice] : []));
}

export function topOf({ state }: Node): string {
  return state.split(".", 1)[0] ?? state;
}

/** A timer of the machine, and nothing that comes from outside. */
export function isTimer({ type }: Heard): boolean {
  return !TYPES.has(type);
}

const TYPES = new Set<string>(ALPHABET.map(({ type }) => type));
