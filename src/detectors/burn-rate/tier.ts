import type { Instant } from "../../domain/time.ts";
import { lastOf, wholeOf, type Counts, type Ring } from "./ring.ts";
import type { BurnRateSettings, Tier } from "./settings.ts";

/** How fast one tier's budget is spent, and whether that is a breach. */
export interface Burn {
  readonly tier: Tier;
  /** Multiples of the allowed share; the long one by the traffic there usually is, if that is more. */
  readonly long: number;
  readonly short: number;
  /** The same of the last minutes: calm is judged by it. */
  readonly recent: number;
  readonly failed: number;
  readonly requests: number;
  readonly expected: number;
  readonly fires: boolean;
}

/**
 * Judges one tier. The failed requests of the long window are compared with what the window may cost of the period's budget
 * in requests: at night, with a tenth of the traffic, the same share spends a tenth. It must burn now as well: what is over is
 * in the long windows for hours, and has had its incident.
 */
export function burn(
  tier: Tier,
  ring: Ring,
  ts: Instant,
  finest: { readonly now: Counts; readonly recent: Counts },
  allowed: number,
  ratePerMs: number,
  settings: BurnRateSettings,
): Burn {
  const long = wholeOf(ring);
  const expected = Math.max(long.requests, ratePerMs * tier.longMs);
  const longRate = expected === 0 ? 0 : long.failed / expected / allowed;
  const shortRate = rateOf(lastOf(ring, ts, tier.shortMs, tier.longMs), allowed);
  const nowRate = rateOf(finest.now, allowed);
  const { minFailed } = settings;
  const isSpread = long.failed - long.worst - long.second >= minFailed / 2;
  const isMany = long.failed >= minFailed * 5 || (long.failed >= minFailed && isSpread);
  return {
    tier,
    long: longRate,
    short: shortRate,
    recent: rateOf(finest.recent, allowed),
    failed: long.failed,
    requests: long.requests,
    expected,
    fires: isMany && longRate > tier.factor && shortRate > tier.factor && nowRate > tier.factor / 2,
  };
}

function rateOf({ failed, requests }: Counts, allowed: number): number {
  return requests === 0 ? 0 : failed / requests / allowed;
}
