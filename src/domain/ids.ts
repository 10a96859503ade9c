import { createHash } from "node:crypto";

import { canonical } from "./json.ts";

declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

export type IncidentId = Id<"incident">;
/** One try at carrying out an intent. `<incident>.<number of the intent within the incident>`. */
export type AttemptId = Id<"attempt">;
export type LeaseId = Id<"lease">;
export type TimerId = Id<"timer">;
export type NoticeId = Id<"notice">;
export type EventId = Id<"event">;

/**
 * The id of the nth incident of this kind on this target. Replaying the same opening gives the same
 * id; ten hex digits are short enough to be typed at night.
 */
export function incidentId(kind: string, target: string, opening: number): IncidentId {
  return sha256(`${kind}\n${target}\n${opening}`).slice(0, 10) as IncidentId;
}

export function attemptId(owner: string, number: number): AttemptId {
  return `${owner}.${number}` as AttemptId;
}

export function leaseId(owner: string, name: string): LeaseId {
  return `${owner}/${name}` as LeaseId;
}

export function timerId(owner: string, name: string): TimerId {
  return `${owner}#${name}` as TimerId;
}

export function noticeId(owner: string, number: number): NoticeId {
  return `${owner}!${number}` as NoticeId;
}

export function eventId(...parts: readonly (string | number)[]): EventId {
  return parts.join(":") as EventId;
}

/** Hash of any JSON-like value, stable under the order of keys. */
export function hashOf(value: unknown): string {
  return sha256(canonical(value)).slice(0, 16);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
