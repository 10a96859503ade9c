import { binomial, dailyRhythm, mulberry32, normal, poisson } from "../../src/detectors/testing.ts";
import type { Random } from "../../src/detectors/testing.ts";
import type { Observation, Values } from "../../src/domain/observation.ts";
import { HOUR_MS, MINUTE_MS, type Instant, type Millis } from "../../src/domain/time.ts";
import { effectAt, type Effect, type Story } from "./story.ts";
import type { Memory, System } from "./system.ts";
import { createHistogram, drawTimes, meanOf, toldTimes } from "./times.ts";

/** What one probe would have seen of this system in this story, moment by moment. The same seed, the same series. */
export function* observe(system: System, story: Story, seed: number): Generator<Observation> {
  const { everyMs, tells } = system;
  const random = mulberry32(seed);
  const flow = createFlow(system, random);
  const histogram = createHistogram();
  const process = { startedAt: story.from, restarts: 0, leaked: 0 };
  let changes = story.changes.filter(({ ts }) => ts >= story.from);
  let gapUntil = -Infinity;
  for (let ts = story.from + everyMs; ts <= story.until; ts += everyMs) {
    const effect = effectAt(story.faults, ts);
    const change = changes.find((one) => one.ts <= ts);
    changes = changes.filter((one) => one.ts > ts);
    const isCrash = happens(random, (effect.crashes ?? 0) * 24, everyMs);
    if (change !== undefined || isCrash) {
      Object.assign(process, { startedAt: ts, restarts: process.restarts + 1, leaked: 0 });
      histogram.restart();
    }
    process.leaked += ((effect.leaks ?? 0) * everyMs) / HOUR_MS;
    const seen = flow.next(ts, effect, process.restarts === 0 ? Infinity : ts - process.startedAt);
    histogram.add(seen.times, seen.requests);
    if (tells.gaps !== undefined && happens(random, tells.gaps.perDay, everyMs))
      gapUntil = ts + random() * tells.gaps.minutes * MINUTE_MS;
    if (ts < gapUntil) continue;
    const values: Values = {
      ...toldErrors(seen, tells.errors),
      ...toldTimes(seen.times, tells.latency),
      ...(tells.inflight === true ? { inflight: seen.inflight } : {}),
      ...memoryOf(tells.memory, ts, process, effect, random),
      ...connectionsOf(system, effect, random),
      ...(effect.crashes === undefined ? {} : { restarts: process.restarts }),
    };
    const isNull = tells.nulls !== undefined && random() < tells.nulls;
    yield {
      target: "api",
      probe: "recording",
      ts,
      tookMs: 0,
      values: isNull ? Object.fromEntries(Object.keys(values).map((name) => [name, null])) : values,
      ...(tells.latency === "buckets" && !isNull ? { buckets: histogram.read() } : {}),
      ...(change?.deployment === undefined ? {} : { deployment: change.deployment }),
    };
  }
}

interface Seen {
  readonly requests: number;
  readonly failed: number;
  readonly inflight: number;
  readonly times: readonly number[];
}

/** The requests of each moment: how many came, how many failed, how long they took. `ageMs`: since a restart. */
function createFlow({ everyMs, traffic, errors, latency }: System, random: Random) {
  const busy = createWander(random, traffic.wander, 20 * MINUTE_MS, everyMs);
  const sick = createWander(random, errors.wander, 30 * MINUTE_MS, everyMs);
  const slow = createWander(random, latency.wander, 5 * MINUTE_MS, everyMs);
  let crowdUntil = -Infinity;
  let crowd = 1;
  // A spike lasts ten seconds, so it is a part of a slower look only.
  const spiked = (
    times: readonly number[],
    spike: { readonly factor: number } | null | undefined,
  ): readonly number[] => {
    if (spike === null || spike === undefined) return times;
    const factor = 1 + (spike.factor - 1) * random();
    const part = Math.ceil((times.length * SPIKE_MS) / Math.max(SPIKE_MS, everyMs));
    return times.map((ms, place) => (place < part ? ms * factor : ms));
  };
  return {
    next: (ts: Instant, effect: Effect, ageMs: Millis): Seen => {
      const { crowds, low, high, loop, weekend = 1 } = traffic;
      if (crowds !== undefined && ts > crowdUntil) {
        crowd = happens(random, crowds.perDay, everyMs) ? 1 + (crowds.factor - 1) * random() : 1;
        crowdUntil = crowd > 1 ? ts + (2 + 10 * random()) * MINUTE_MS : -Infinity;
      }
      const usual = dailyRhythm(ts, low, high);
      const isWeekend = [0, 6].includes(new Date(ts).getUTCDay());
      const load = Math.pow(usual / Math.sqrt(low * high), latency.load ?? 0);
      const coldness = ageMs < COLD_MS ? 1 + (0.8 * COLD_MS) / Math.max(COLD_MS, everyMs) : 1;
      const { spikes } = latency;
      const isSpike = spikes !== undefined && happens(random, spikes.perDay, everyMs);
      const medianMs = latency.medianMs * load * slow() * coldness * (effect.slows ?? 1);
      const meanMs = meanOf(medianMs, latency);
      const arriving =
        loop === undefined
          ? usual * busy() * crowd * (isWeekend ? weekend : 1)
          : (loop.callers * busy()) / ((loop.thinkMs + meanMs) / 1_000);
      const perSecond = arriving * (effect.crowd ?? 1);
      const requests = poisson(random, (perSecond * everyMs) / 1_000);
      const atSwitch = ageMs < everyMs ? (0.02 * SWITCH_MS) / Math.max(SWITCH_MS, everyMs) : 0;
      const share = Math.min(0.5, errors.share * sick()) + atSwitch;
      const clump = happens(random, errors.clumps?.perDay ?? 0, everyMs)
        ? (errors.clumps?.failures ?? 0)
        : 0;
      const usualFailed = binomial(random, requests, share);
      const failed = usualFailed + binomial(random, requests - usualFailed, effect.fails ?? 0);
      return {
        requests: requests + clump,
        failed: failed + clump,
        inflight: poisson(random, ((perSecond * meanMs) / 1_000) * (effect.waits ?? 1)),
        times: spiked(drawTimes(random, requests, medianMs, latency), isSpike ? spikes : null),
      };
    },
  };
}

/** A factor around 1 that wanders: log-normal, forgotten within `memoryMs`. */
function createWander(
  random: Random,
  deviation: number,
  memoryMs: Millis,
  everyMs: Millis,
): () => number {
  const kept = Math.exp(-everyMs / memoryMs);
  const fresh = deviation * Math.sqrt(1 - kept * kept);
  let level = deviation === 0 ? 0 : normal(random, 0, deviation);
  return () => {
    if (deviation === 0) return 1;
    level = level * kept + normal(random, 0, fresh);
    return Math.exp(level);
  };
}

function happens(random: Random, perDay: number, everyMs: Millis): boolean {
  return perDay > 0 && random() < (perDay * everyMs) / DAY_MS;
}

function toldErrors({ failed, requests }: Seen, tells: System["tells"]["errors"]): Values {
  if (tells === "counts") return { failed, requests };
  // Ratios are written with four digits, and a ratio of nothing is none.
  const ratio = requests === 0 ? null : Number((failed / requests).toFixed(4));
  return tells === "ratio" ? { error_ratio: ratio } : { error_ratio: ratio, requests };
}

function memoryOf(
  memory: Memory | undefined,
  ts: Instant,
  process: { readonly startedAt: Instant; readonly leaked: number },
  effect: Effect,
  random: Random,
): Values {
  if (memory === undefined) return {};
  const ageMs = ts - process.startedAt;
  const cached = memory.cache * (1 - Math.exp(-ageMs / (memory.cacheHours * HOUR_MS)));
  const sawed = memory.saw * ((ageMs % memory.sawMs) / memory.sawMs);
  const today = memory.daily * (dailyRhythm(ts, 0.5, 2) - 0.5);
  const noise = normal(random, 0, 0.003);
  const share = memory.base + cached + sawed + today + noise + process.leaked;
  const used = Math.min(0.995, Math.max(share, effect.memory ?? 0)) * memory.limit;
  return { memory_used: Math.round(used), memory_limit: memory.limit };
}

function connectionsOf({ tells }: System, effect: Effect, random: Random): Values {
  const { connections } = tells;
  if (connections === undefined) return {};
  const { usual, limit } = connections;
  const used = Math.min(limit, poisson(random, Math.max(usual, effect.connections ?? 0) * limit));
  return { connections_used: used, connections_limit: limit };
}

const DAY_MS = 24 * HOUR_MS;
const COLD_MS = MINUTE_MS;
const SWITCH_MS = 20_000;
const SPIKE_MS = 10_000;
