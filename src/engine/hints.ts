import { isGrave, type Hint, type Said } from "../domain/hint.ts";
import { eventId } from "../domain/ids.ts";
import type { Observation } from "../domain/observation.ts";
import { MINUTE_MS, SECOND_MS, type Instant, type Millis } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";
import { createCounts } from "./counts.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Haste } from "./haste.ts";
import { createBell, loop } from "./loop.ts";
import { createRepeats } from "./repeats.ts";

/** One hint, and whom it concerns: no target where it fits none. */
export interface Told {
  readonly hint: Hint;
  readonly targets: readonly string[];
  /** Stands for its place in the delivery and the bytes of that. */
  readonly content: string;
}

export type Heard =
  | { readonly kind: "heard"; readonly fresh: number; readonly repeated: number }
  /** Too much waits already: nothing of it was taken. */
  | { readonly kind: "busy" };

/** Where words from outside come in. */
export interface HintDesk {
  /** Never waits: what is taken is looked into by the loop. */
  hear(source: string, told: readonly Told[]): Heard;
  /** An incident of this target has opened: what was said just before belongs to its story. */
  recall(target: string): void;
  /** Until the signal. */
  run(): Promise<void>;
}

export interface HintParts {
  readonly dispatcher: Dispatcher;
  readonly haste: Haste;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Takes in what was counted, like any look. */
  readonly absorb: (seen: readonly Observation[]) => Promise<unknown>;
  readonly onError: (error: unknown) => void;
}

const WAITING_MAX = 1_000;
/** One entry of the journal holds at most so many words, and so often at most there is one for a source and target. */
const SAID_MAX = 20;
/** A whole group of alerts that fits no target is kept together: each of them has to be called over. */
const OUTSIDE_MAX = 50;
const WRITE_EVERY_MS: Millis = 10 * SECOND_MS;
/** What was said so shortly before an opening may have to do with it. */
const RECALL_MS: Millis = 5 * MINUTE_MS;
const AGAIN_MS: Millis = SECOND_MS;
const IDLE_MS: Millis = MINUTE_MS;

/** What one source said of one target and is not yet written down; of each thing only its last word. */
interface Draft {
  readonly source: string;
  readonly target: string | null;
  readonly said: Map<string, Said>;
  /** Said while no incident was open. */
  readonly recent: Map<string, Said>;
  notBefore: Instant;
}

/** A hint hurries the looks of its target, and is written down where it belongs to an incident. Nothing else follows from it. */
export function createHintDesk(parts: HintParts): HintDesk {
  const { clock, haste, signal, onError } = parts;
  const bell = createBell(clock);
  const repeats = createRepeats();
  const counts = createCounts();
  const drafts = new Map<string, Draft>();
  let waiting: { readonly source: string; readonly told: Told; readonly at: Instant }[] = [];

  const sort = (): void => {
    const batch = waiting;
    waiting = [];
    for (const target of new Set(batch.flatMap(({ told }) => told.targets))) haste.hurry(target);
    for (const { source, told, at } of batch) {
      const { hint, targets } = told;
      for (const target of targets) {
        if (hint.count === null) last(draftOf(source, target).said, saidOf(hint, at));
        else counts.add(source, target, hint.count, at);
      }
      const matters = isGrave(hint) || hint.state === "resolved";
      if (targets.length === 0 && matters)
        last(draftOf(source, null).said, saidOf(hint, at), OUTSIDE_MAX);
    }
  };
  const draftOf = (source: string, target: string | null): Draft => {
    const key = `${source}|${target ?? ""}`;
    const known = drafts.get(key);
    const draft = known ?? { source, target, said: new Map(), recent: new Map(), notBefore: 0 };
    drafts.set(key, draft);
    return draft;
  };

  return {
    hear: (source, told) => {
      const at = clock.now();
      const fresh = told.filter(
        ({ hint, content }) => !repeats.isRepeat(source, hint, content, at),
      );
      if (waiting.length + fresh.length > WAITING_MAX) return { kind: "busy" };
      for (const one of fresh) {
        repeats.remember(source, one.hint, one.content, at);
        waiting.push({ source, told: one, at });
      }
      if (fresh.length > 0) bell.ring();
      return { kind: "heard", fresh: fresh.length, repeated: told.length - fresh.length };
    },
    recall: (target) => {
      for (const draft of drafts.values()) {
        if (draft.target !== target) continue;
        const since = clock.now() - RECALL_MS;
        for (const one of draft.recent.values()) if (one.at >= since) last(draft.said, one);
        draft.recent.clear();
        if (draft.said.size > 0) draft.notBefore = 0;
      }
      bell.ring();
    },
    run: () =>
      loop({ clock, bell, signal, onError }, async () => {
        sort();
        const seen = counts.take(clock.now());
        if (seen.length > 0) await parts.absorb(seen);
        for (const draft of drafts.values())
          if (draft.said.size > 0 && draft.notBefore <= clock.now()) await write(parts, draft);
        // What came in meanwhile rang a bell that nobody heard.
        if (waiting.length > 0) return clock.now();
        const unwritten = [...drafts.values()].filter((draft) => draft.said.size > 0);
        const dues = unwritten.map((draft) => draft.notBefore);
        return Math.min(clock.now() + IDLE_MS, counts.due(), ...dues);
      }),
  };
}

/** Hands to the core what was said; what it has no use for now is kept for an opening that may follow. */
async function write({ dispatcher, clock }: HintParts, draft: Draft): Promise<void> {
  const at = clock.now();
  const said = [...draft.said.values()];
  draft.said.clear();
  const { source, target } = draft;
  const id = eventId("hint", source, target ?? "", at, dispatcher.world().seq);
  const dispatched = await dispatcher.dispatch({
    id,
    at,
    cause: null,
    type: "hint",
    source,
    target,
    said,
  });
  if (dispatched === "failed") {
    const most = target === null ? OUTSIDE_MAX : SAID_MAX;
    for (const one of said) if (!draft.said.has(one.alert)) last(draft.said, one, most);
    draft.notBefore = at + AGAIN_MS;
  } else if (dispatched === "nothing") for (const one of said) last(draft.recent, one);
  else draft.notBefore = at + WRITE_EVERY_MS;
}

/** Puts it at the end, in the place of what was said of the same thing before. Bounded. */
function last(said: Map<string, Said>, one: Said, most = SAID_MAX): void {
  said.delete(one.alert);
  said.set(one.alert, one);
  for (const oldest of said.keys()) {
    if (said.size <= most) break;
    said.delete(oldest);
  }
}

function saidOf({ about, alert, state, severity, words }: Hint, at: Instant): Said {
  return { about, alert, state, severity, words, at };
}
