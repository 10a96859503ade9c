import assert from "node:assert/strict";

import type { NumericSignal } from "../../domain/observation.ts";
import type { Problem } from "../../domain/problem.ts";
import { MINUTE_MS, type Millis } from "../../domain/time.ts";
import type { Probe } from "../../ports/probe.ts";
import { define, type Setting } from "../definition.ts";
import { timeout } from "../looking.ts";
import { measuring, nothing, type Measured } from "../measuring.ts";
import { byNetwork } from "../network.ts";
import { groupsOf, systemResolve, type Address, type Group, type Resolve } from "./addresses.ts";
import { Config } from "./config.ts";
import { measure, withGaps } from "./measure.ts";
import { createPlace, hear, type Heard, type Place } from "./place.ts";
import { readPage } from "./reading.ts";
import { scrape } from "./scrape.ts";
import { createTotal } from "./total.ts";

/** Reads the app's own page of metrics: requests and failures since the last look, latency, and what it uses. */
export const definition = define({
  kind: "prometheus",
  Config,
  example: { kind: "prometheus", path: "/metrics" },
  opens: null,
  measures: ["requests", "memory"],
  nameOf: ({ path }) => {
    const page = path?.split(/[?#]/, 1)[0];
    return page === undefined ? "prometheus" : `prometheus ${page}`;
  },
  create: (setting) => createPrometheus(setting, systemResolve),
});

/** For tests also with names of their own. */
export function createPrometheus(setting: Setting<Config>, resolve: Resolve): Probe {
  const { config, target, name } = setting;
  const url = urlOf(setting);
  const now = setting.now ?? Date.now;
  const countsRequests = config.metrics.requests !== false;
  const known = new Set<NumericSignal>(countsRequests ? ["requests", "failed"] : []);
  const gapMs = gapOf(config.every);
  const ignore = [...config.ignore, new URL(url).pathname];
  const total = createTotal();
  let places = new Map<string, Place>();

  function hearAt(address: Address | null, place: Place, firstMs: Millis, signal: AbortSignal) {
    return hear(place, {
      scrape: async (limitMs) => {
        const limit = AbortSignal.timeout(limitMs);
        const either = AbortSignal.any([signal, limit]);
        try {
          const page = await scrape({ url, address, headers: config.headers, signal: either });
          either.throwIfAborted();
          return "code" in page ? page : readPage(page, { metrics: config.metrics, ignore });
        } catch (error) {
          if (signal.aborted || !limit.aborted) throw error;
          return timeout(limitMs);
        }
      },
      now,
      gapMs,
      firstMs,
      budgetMs: Math.floor(config.timeout / 2),
    });
  }

  /** The family that answered last comes first: with every change of it all counters begin anew. */
  async function find(signal: AbortSignal): Promise<Measured> {
    const groups = await found(url, resolve, signal);
    if ("code" in groups) return nothing(known, groups);
    const isKept = (group: Group) => group.some((address) => places.has(keyOf(address)));
    let failure: Problem | null = null;
    for (const group of groups.toSorted((a, b) => Number(isKept(b)) - Number(isKept(a)))) {
      const chosen = group.map((address) => ({
        address,
        place: places.get(keyOf(address)) ?? createPlace(),
      }));
      places = new Map(chosen.map(({ address, place }) => [keyOf(address), place]));
      // One replica that hangs must not take the others' word with it.
      const firstMs = Math.floor(config.timeout * (group.length > 1 ? 0.8 : 1));
      const answers = await Promise.all(
        chosen.map(({ address, place }) => hearAt(address, place, firstMs, signal)),
      );
      const heard = answers.filter((one): one is Heard => !("code" in one));
      const silent = answers.flatMap((one) => ("code" in one ? [one] : []));
      if (heard.length > 0)
        return withGaps(measure({ heard, silent }, total, countsRequests), known);
      failure ??= silent[0] ?? null;
    }
    assert(failure !== null, "a look without an answer has a reason");
    return nothing(known, failure);
  }

  const timeoutMs = config.timeout;
  return measuring({ target, name, kind: "prometheus", timeoutMs, now, signals: known, find });
}

function keyOf(address: Address | null): string {
  return address?.address ?? "";
}

/** Shorter gaps are looks that failed; longer ones are a time about which nothing is known. */
function gapOf(everyMs: Millis): Millis {
  return Math.max(6 * everyMs, MINUTE_MS);
}

/** A path is joined to the target's url, so that a base path of it stays. */
function urlOf({ config, baseUrl, target }: Setting<Config>): string {
  if (config.url !== undefined) return config.url;
  assert(baseUrl !== undefined, `target ${target} has no url to join "${config.path}" to`);
  return `${baseUrl.replace(/\/+$/, "")}${config.path}`;
}

/** The resolver cannot be ended, so the look goes on without it. */
async function found(url: string, resolve: Resolve, signal: AbortSignal) {
  const ended = Promise.withResolvers<never>();
  const end = () => ended.reject(signal.reason);
  signal.addEventListener("abort", end, { once: true });
  try {
    return await Promise.race([groupsOf(url, resolve), ended.promise]);
  } catch (error) {
    const finding = byNetwork(error);
    if (finding === null) throw error;
    return finding.problem;
  } finally {
    signal.removeEventListener("abort", end);
  }
}
