import { z } from "zod";

import { ANSWERS, ORDERS } from "../domain/order.ts";
import { SEVERITIES } from "../domain/hint.ts";
import type { Event, EventType } from "../domain/event.ts";
import type { PlatformFact } from "../domain/facts.ts";
import type { Instant } from "../domain/time.ts";
import type { Entry, World } from "../domain/world.ts";

/** Verdicts are what replay makes itself, of the samples. */
type RecordedType = Exclude<EventType, "verdict">;
export type RecordedEvent = Exclude<Event, { type: "verdict" }>;

/** Something that happened to the daemon and is no consequence of samples: what a person, a clock or the platform said. */
export interface EventLine {
  readonly ts: Instant;
  readonly event: RecordedEvent;
}

/**
 * What was true and is told by neither samples nor events. `watching`: a daemon began to look at this moment, with new detectors;
 * from here on timers fire by their own lines. `world`: the books as it found them. `platform`: what the next event read.
 */
export type FactLine = { readonly ts: Instant } & (
  | { readonly fact: "watching"; readonly since: Instant; readonly rules: string }
  | { readonly fact: "world"; readonly world: World }
  | { readonly fact: "platform"; readonly platform: PlatformFact }
);

const object = z.record(z.string(), z.json());
const problem = z.looseObject({ code: z.string(), detail: z.string() });
const given = { id: z.string(), incident: z.string(), by: z.string() };
const pause = z.object({
  by: z.string(),
  since: z.number(),
  target: z.string().nullable(),
  includingUndo: z.boolean(),
  until: z.number().optional(),
});
const payloads: { readonly [type in RecordedType]: z.ZodType } = {
  timer: z.object({ timer: z.string(), generation: z.number() }),
  request: z.object({ attempt: z.string(), plan: object }),
  outcome: z.object({
    attempt: z.string(),
    state: z.enum(["accepted", "rejected", "seen", "not-seen", "unknown"]),
    evidence: object,
    problem: problem.nullable(),
  }),
  pause: z.object({ pause: pause.extend({ also: z.array(pause).optional() }).nullable() }),
  order: z.object({
    order: z.union([
      z.looseObject({ ...given, order: z.enum(ORDERS) }),
      z.looseObject({
        ...given,
        order: z.enum(ANSWERS),
        attempt: z.string(),
        at: z.number(),
      }),
    ]),
  }),
  hint: z.object({
    source: z.string(),
    target: z.string().nullable(),
    said: z.array(
      z.object({
        about: z.string(),
        state: z.enum(["firing", "resolved", "note"]),
        severity: z.enum(SEVERITIES),
        words: z.string(),
        at: z.number(),
      }),
    ),
  }),
  call: z.object({ target: z.string(), probe: z.string(), failed: z.boolean() }),
  orphan: z.object({ lease: z.string(), switch: z.string(), seq: z.number(), until: z.number() }),
  start: z.object({ version: z.string(), doubt: problem.optional() }),
  stop: z.object({}),
};

const head = z.object({
  ts: z.number().nonnegative(),
  /** Its own moment, where the order of the recording puts it at another. */
  at: z.number().optional(),
  id: z.string(),
  cause: z.string().nullable(),
});

const facts = {
  watching: z.object({ ts: z.number(), since: z.number(), rules: z.string() }),
  world: z.object({
    ts: z.number(),
    world: z.looseObject({
      seq: z.number(),
      incidents: object,
      attempts: object,
      leases: object,
      timers: object,
      marks: object,
    }),
  }),
  platform: z.object({
    ts: z.number(),
    platform: z.looseObject({
      status: z.enum(["well", "trouble", "unknown"]),
      statusDetail: z.string(),
      obstacle: problem.nullable(),
      seen: object,
    }),
  }),
};

export type ReadEvent =
  | { readonly kind: "event"; readonly line: EventLine }
  | { readonly kind: "other"; readonly ts: Instant | null }
  | { readonly kind: "wrong"; readonly message: string };

/** Reads a line with `"event"`. Of rows that were read from our own books the shape is taken on trust. */
export function eventLine(written: object): ReadEvent {
  const type = "event" in written ? written.event : null;
  if (typeof type !== "string" || !Object.hasOwn(payloads, type)) return other(written);
  const read = head.safeParse(written);
  const payload = payloads[type as RecordedType].safeParse(written);
  if (!read.success || !payload.success)
    return wrong(`"event": "${type}"`, [read.error, payload.error]);
  const { ts, at = ts, id, cause } = read.data;
  const event = { id, at, cause, type, ...Object(payload.data) } as RecordedEvent;
  return { kind: "event", line: { ts, event } };
}

export type ReadFact =
  | { readonly kind: "fact"; readonly line: FactLine }
  | { readonly kind: "other"; readonly ts: Instant | null }
  | { readonly kind: "wrong"; readonly message: string };

/** Reads a line with `"fact"`. */
export function factLine(written: object): ReadFact {
  const fact = "fact" in written ? written.fact : null;
  if (typeof fact !== "string" || !Object.hasOwn(facts, fact)) return other(written);
  const read = facts[fact as keyof typeof facts].safeParse(written);
  if (!read.success) return wrong(`"fact": "${fact}"`, [read.error]);
  return { kind: "fact", line: { ...read.data, fact } as unknown as FactLine };
}

/**
 * A journal entry as lines of a recording: what it read, then what happened. Without the rules that a start wrote down: whoever replays
 * names a configuration, and the line before says by its hash whether it is the same.
 */
export function linesOf({ event, facts }: Entry, ts: Instant): readonly object[] {
  if (event.type === "verdict") return [];
  const { id, at, cause, type, ...whole } = event;
  const { rules: _, ...payload } = { rules: undefined, ...whole };
  const { platform } = facts;
  // Its rules are the configuration's, which replay takes from there.
  const told = event.type === "start" ? { version: event.version } : payload;
  return [
    ...(platform === undefined ? [] : [{ ts, fact: "platform", platform }]),
    { ts, event: type, id, cause, ...(at === ts ? {} : { at }), ...told },
  ];
}

function other(written: object): { readonly kind: "other"; readonly ts: Instant | null } {
  const ts = "ts" in written ? written.ts : null;
  return { kind: "other", ts: typeof ts === "number" ? ts : null };
}

function wrong(
  what: string,
  errors: readonly (z.ZodError | undefined)[],
): { readonly kind: "wrong"; readonly message: string } {
  const issues = errors.flatMap((error) => error?.issues ?? []);
  const told = issues.map(({ path, message }) => `"${path.join(".")}": ${message}`);
  return { kind: "wrong", message: `${what} is not whole: ${told.join("; ")}` };
}
