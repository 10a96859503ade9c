import { decide, meansNothing } from "../core/decide.ts";
import { apply } from "../domain/apply.ts";
import { verdictEvent, type Event } from "../domain/event.ts";
import type { Facts, PlatformFact } from "../domain/facts.ts";
import type { Problem } from "../domain/problem.ts";
import type { Rules } from "../domain/rules.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { Entry, World } from "../domain/world.ts";
import type { Store } from "../ports/store.ts";

/**
 * What became of an event. Only after `written` may anything follow from it. `nothing`: it meant nothing, so
 * there was nothing to write.
 */
export type Dispatched = "written" | "nothing" | "duplicate" | "failed";

export interface Dispatcher {
  world(): World;
  /** Decides and commits one event. Events are handled one after the other in the order of the calls. */
  dispatch(event: Event, extra?: { readonly platform?: PlatformFact }): Promise<Dispatched>;
  /**
   * Judges a look when its turn comes, and decides on each verdict before anything else is decided, so that a recording can tell
   * what was known when. Rejects with the first programmer error, after all verdicts had their turn.
   */
  judge(look: () => readonly Verdict[]): Promise<readonly Verdict[]>;
  /** Called after each commit: a hint to look again, on which nothing depends. */
  onCommit(listener: (entry: Entry) => void): void;
  /** Why the journal cannot be written at the moment, or null. */
  trouble(): Problem | null;
}

export interface DispatcherParts {
  readonly store: Store;
  readonly rules: Rules;
  readonly start: World;
  readonly facts: () => Omit<Facts, "platform">;
  readonly onTrouble: (problem: Problem | null) => void;
  readonly signal: AbortSignal;
}

/** More waiting events than this means that something is stuck; verdicts come again by themselves. */
const QUEUE_MAX = 1_000;

/** The only writer: event in, decision computed, everything committed together or not at all. */
export function createDispatcher(parts: DispatcherParts): Dispatcher {
  const listeners: ((entry: Entry) => void)[] = [];
  let world = parts.start;
  let trouble: Problem | null = null;
  let tail: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  const setTrouble = (next: Problem | null): void => {
    if ((trouble === null) === (next === null)) return;
    trouble = next;
    parts.onTrouble(next);
  };

  const handle = async (event: Event, platform: PlatformFact | undefined): Promise<Dispatched> => {
    const facts: Facts = { ...parts.facts(), ...(platform === undefined ? {} : { platform }) };
    const decision = decide(world, event, facts, parts.rules);
    if (decision.changes.length === 0) return "nothing";
    const incident = decision.incident;
    const seq = world.seq + 1;
    const next = apply(world, seq, event.at, decision.changes);
    const machine = incident === null ? undefined : next.incidents[incident]?.snapshot;
    const entry: Entry = {
      seq,
      at: event.at,
      event,
      facts,
      under: {
        rules: parts.rules.hash,
        runbook:
          machine === undefined ? null : (parts.rules.runbooks[machine.machine]?.hash ?? null),
        machine: machine === undefined ? null : `${machine.machine}@${machine.version}`,
      },
      decision,
    };
    const result = await parts.store.commit([{ entry, changes: decision.changes }], parts.signal);
    if (result.kind === "failed") {
      setTrouble(result.problem);
      return "failed";
    }
    setTrouble(null);
    if (result.kind === "duplicate") return "duplicate";
    world = next;
    for (const listener of listeners) listener(entry);
    return "written";
  };

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    waiting += 1;
    const run = tail.then(work).finally(() => (waiting -= 1));
    // A programmer error reaches the caller; the next event must not inherit it.
    tail = run.catch(() => undefined);
    return run;
  };

  return {
    world: () => world,
    dispatch: (event, extra) =>
      waiting >= QUEUE_MAX
        ? Promise.resolve("failed")
        : inTurn(() => handle(event, extra?.platform)),
    // Each probe waits for its own look, so there are never more of them than probes.
    judge: (look) =>
      inTurn(async () => {
        const verdicts = look();
        const bugs: unknown[] = [];
        for (const verdict of verdicts) {
          if (meansNothing(world, verdict)) continue;
          await handle(verdictEvent(verdict), undefined).catch((bug: unknown) => bugs.push(bug));
        }
        if (bugs.length > 0) throw bugs[0];
        return verdicts;
      }),
    onCommit: (listener) => void listeners.push(listener),
    trouble: () => trouble,
  };
}
