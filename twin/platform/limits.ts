export type Budget = { perHour: number; perSecond: number };

/** The answer to one request: the headers it carries, and `retryAfter` in seconds when it is refused. */
export type Ruling = { headers: Record<string, string>; retryAfter?: number };

const HOUR_MS = 3_600_000;

/** Railway's request budget: a fixed hour and a sliding second, shared by all tokens of the account. */
export function createLimits(budget: Budget): (now: number) => Ruling {
  let hourStarted = 0;
  let used = 0;
  let recent: number[] = [];
  return (now) => {
    if (now - hourStarted >= HOUR_MS) {
      hourStarted = now;
      used = 0;
    }
    recent = recent.filter((at) => now - at < 1_000);
    const resetsAt = hourStarted + HOUR_MS;
    const isTooMany = used >= budget.perHour;
    const isTooFast = recent.length >= budget.perSecond;
    if (!isTooMany && !isTooFast) {
      used += 1;
      recent.push(now);
    }
    const headers = {
      "X-RateLimit-Limit": String(budget.perHour),
      "X-RateLimit-Remaining": String(budget.perHour - used),
      "X-RateLimit-Reset": String(Math.ceil(resetsAt / 1_000)),
    };
    if (isTooMany) return { headers, retryAfter: Math.ceil((resetsAt - now) / 1_000) };
    return isTooFast ? { headers, retryAfter: 1 } : { headers };
  };
}
