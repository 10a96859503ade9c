import { problem, type Problem } from "../domain/problem.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS, type Instant, type Millis } from "../domain/time.ts";

export type Plan = "free" | "hobby" | "pro" | "enterprise";
/** What a request is for: watching, or an act with its read-back. */
export type Purpose = "look" | "act";

/** Requests an hour (docs of November 2026). Enterprise is custom; Pro's is the least it can be. */
export const HOURLY: { readonly [plan in Plan]: number } = {
  free: 100,
  hobby: 1_000,
  pro: 10_000,
  enterprise: 10_000,
};

/** How many replicas a service may have in all, by the docs of November 2026. */
export const REPLICAS: { readonly [plan in Plan]: number } = {
  free: 1,
  hobby: 6,
  pro: 42,
  enterprise: 50,
};

/** How long the image of a replaced deployment is kept, so that it can be rolled back to, by the docs of November 2026. */
export const RETENTION_MS: { readonly [plan in Plan]: Millis } = {
  free: 24 * HOUR_MS,
  hobby: 72 * HOUR_MS,
  pro: 120 * HOUR_MS,
  enterprise: 360 * HOUR_MS,
};

/** How long Railway can silence us at most, whatever its headers say. */
const GATE_MS_MAX: Millis = HOUR_MS;
const GATE_MS_DEFAULT: Millis = 30 * SECOND_MS;

/** For metrics. `remaining` counts what Railway's headers said, where that is less than our own count. */
export interface BudgetState {
  readonly limit: number;
  readonly used: number;
  readonly remaining: number;
  readonly reserve: number;
  /** What Railway's headers say is left; null where they have said nothing. */
  readonly told: number | null;
  /** No request leaves before this moment. */
  readonly blockedUntil: Instant | null;
}

export interface Budget {
  /** Null: the request is counted and may go. */
  take(purpose: Purpose, now: Instant): Problem | null;
  /** Learns from an answer's headers. */
  learn(headers: Headers, now: Instant): void;
  /** Nothing goes before the moment Railway named; a default when it named none. Returns the moment. */
  block(retryAt: Instant | undefined, now: Instant): Instant;
  state(now: Instant): BudgetState;
}

export type Headers = { readonly [name: string]: string | readonly string[] | undefined };

/** Counts requests over a rolling hour. A share is kept for acts, so that watching cannot use it up. */
export function createBudget(plan: Plan, reserveShare: number): Budget {
  const limit = HOURLY[plan];
  /** Moments of our requests of the last hour; never longer than the limit. */
  const sent: Instant[] = [];
  let told: { remaining: number; limit: number; until: Instant } | null = null;
  let blockedUntil: Instant = 0;

  function state(now: Instant): BudgetState {
    while ((sent[0] ?? now) <= now - HOUR_MS) sent.shift();
    if (told !== null && told.until <= now) told = null;
    const own = limit - sent.length;
    const tighter = told !== null && told.remaining < own ? told : null;
    return {
      limit,
      used: sent.length,
      remaining: Math.max(0, tighter?.remaining ?? own),
      reserve: Math.ceil(
        (tighter === null ? limit : Math.min(limit, tighter.limit)) * reserveShare,
      ),
      told: told?.remaining ?? null,
      blockedUntil: blockedUntil > now ? blockedUntil : null,
    };
  }

  return {
    state,
    take(purpose, now) {
      const { remaining, reserve, blockedUntil: blocked } = state(now);
      if (blocked !== null) {
        return problem("railway-rate-limited", "Railway asked to wait", blocked);
      }
      const free = (sent[0] ?? now) + HOUR_MS;
      const retryAt = told !== null && told.remaining <= remaining ? told.until : free;
      if (remaining <= 0) {
        const detail = "every request of this hour is used up";
        return problem("railway-rate-limited", detail, retryAt);
      }
      if (purpose === "look" && remaining <= reserve) {
        return problem("railway-budget", `${remaining} requests are left, kept for acts`, retryAt);
      }
      sent.push(now);
      if (told !== null) told.remaining -= 1;
      return null;
    },
    learn(headers, now) {
      const remaining = numberOf(headers["x-ratelimit-remaining"]);
      if (remaining === undefined) return;
      told = {
        remaining,
        limit: numberOf(headers["x-ratelimit-limit"]) ?? limit,
        until: momentOf(headers["x-ratelimit-reset"], now) ?? now + MINUTE_MS,
      };
    },
    block(retryAt, now) {
      const until = retryAt === undefined || retryAt <= now ? now + GATE_MS_DEFAULT : retryAt;
      blockedUntil = Math.max(blockedUntil, Math.min(until, now + GATE_MS_MAX));
      return blockedUntil;
    },
  };
}

/** A moment in a header: seconds from now, unix seconds, unix milliseconds, or a date. At most an hour ahead. */
export function momentOf(
  header: string | readonly string[] | undefined,
  now: Instant,
): Instant | undefined {
  const text = (typeof header === "string" ? header : header?.[0])?.trim();
  if (text === undefined || text === "") return undefined;
  const number = Number(text);
  const at = Number.isFinite(number) ? fromNumber(number, now) : Date.parse(text);
  return Number.isFinite(at) ? Math.min(Math.max(at, now), now + HOUR_MS) : undefined;
}

function fromNumber(number: number, now: Instant): Instant {
  if (number < 1e9) return now + number * SECOND_MS;
  return number < 1e12 ? number * SECOND_MS : number;
}

function numberOf(header: string | readonly string[] | undefined): number | undefined {
  const text = typeof header === "string" ? header : header?.[0];
  const number = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
