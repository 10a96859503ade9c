import { describe, expect, test } from "vitest";

import { mulberry32 } from "../../detectors/testing.ts";
import { http, look as lookNow, probeOf } from "./app.fixture.ts";
import { Config } from "./config.ts";
import { parsePage } from "./page.ts";
import { createPlace, hear } from "./place.ts";
import { readPage } from "./reading.ts";
import { createCrew, type Crew, type Marking } from "./workers.fixture.ts";

// Several processes behind one address, a random one answers each scrape, and now and then one begins anew. Whatever they
// show of themselves: never is more counted than there was.

const CONFIG = Config.parse({ kind: "prometheus", path: "/metrics" });
const EVERY_MS = 10_000;

interface Counted {
  requests: number;
  failed: number;
  looks: number;
  spoken: number;
}

/** So many looks at a crew; after each of them no more may have been counted than there was. */
async function watch(
  crew: Crew,
  random: () => number,
  looks: number,
  look: Look,
): Promise<Counted> {
  const counted = { requests: 0, failed: 0, looks: 0, spoken: 0 };
  for (let number = 0; number < looks; number += 1) {
    const [requests, failed] = await look();
    if (requests !== null) {
      expect(requests).toBeGreaterThanOrEqual(0);
      expect(failed).toBeGreaterThanOrEqual(0);
      counted.requests += requests;
      counted.failed += failed ?? 0;
      counted.spoken += 1;
    }
    counted.looks += 1;
    expect(counted.requests).toBeLessThanOrEqual(crew.truth.requests);
    expect(counted.failed).toBeLessThanOrEqual(crew.truth.failed);
    const traffic = Math.floor(random() * 60);
    crew.work(traffic, random() < 0.3 ? Math.floor((random() * traffic) / 5) : 0);
    if (random() < 0.05) crew.restart();
  }
  return counted;
}

type Look = () => Promise<readonly [number | null, number | null]>;

/** The core without a network: fast enough for thousands of crews. */
function lookAt(crew: Crew): Look {
  const place = createPlace();
  let now = 0;
  return async () => {
    now += EVERY_MS;
    const heard = await hear(place, {
      scrape: async () => {
        const parsed = parsePage(crew.page(), { samplesMax: 100, mustEnd: false });
        if (!parsed.ok) throw new Error(parsed.why);
        return readPage(parsed.page, CONFIG);
      },
      now: () => now,
      gapMs: 6 * EVERY_MS,
      firstMs: 5_000,
      budgetMs: 2_500,
    });
    if ("code" in heard) throw new Error(heard.detail);
    if (heard.isMixed || heard.deltas.length === 0) return [null, null];
    const sum = (name: "requests" | "failed") =>
      heard.deltas.reduce((all, { delta }) => all + (delta.sums[name] ?? 0), 0);
    return [sum("requests"), sum("failed")];
  };
}

describe.each<readonly [Marking, number, number]>([
  ["start", 3, 0.6],
  ["start", 1, 0.8],
  ["start", 8, 0.3],
  ["same start and pid", 3, 0.6],
  ["same start", 3, 0],
  ["same start", 2, 0],
  ["nothing", 3, 0],
  ["nothing", 2, 0],
  ["nothing", 1, 0.7],
  ["shared counts", 3, 0],
  ["one page", 3, 0.5],
])("processes that show %s, %i of them", (marking, size, least) => {
  test("never count for more than there was", async () => {
    let [counted, truth] = [0, 0];
    for (let seed = 1; seed <= 30; seed += 1) {
      const random = mulberry32(seed);
      const crew = createCrew({ size, marking, random, showsCpu: seed % 2 === 0 });
      const { requests } = await watch(crew, random, 60, lookAt(crew));
      counted += requests;
      truth += crew.truth.requests;
    }
    expect(counted / truth).toBeGreaterThanOrEqual(least);
  });
});

test("failures that never were are never counted", async () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const random = mulberry32(seed);
    const markings: readonly Marking[] = ["start", "same start", "nothing", "shared counts"];
    const marking = markings[seed % markings.length] ?? "start";
    const crew = createCrew({ size: 3, marking, random, showsCpu: true });
    const look = lookAt(crew);
    for (let number = 0; number < 40; number += 1) {
      const [, failed] = await look();
      expect([0, null]).toContain(failed);
      crew.work(Math.floor(random() * 40), 0);
      if (random() < 0.1) crew.restart();
    }
  }
});

describe.each<readonly [Marking, number]>([
  ["start", 0.5],
  ["same start", 0],
  ["nothing", 0],
])("three workers behind one real address that show %s", (marking, least) => {
  test("never count for more than there was", async () => {
    const random = mulberry32(7);
    const crew = createCrew({ size: 3, marking, random, showsCpu: false });
    await using app = await http((_request, response) => void response.end(crew.page()));
    const probe = probeOf(app.url);
    const codes = new Set<string>();
    const counted = await watch(crew, random, 80, async () => {
      const { values, problem } = await lookNow(probe);
      if (problem !== undefined) codes.add(problem.code);
      if (problem?.code === "counters-mixed") expect(problem.detail).toContain("pid");
      return [values.requests ?? null, values.failed ?? null];
    });
    expect(counted.requests / crew.truth.requests).toBeGreaterThanOrEqual(least);
    expect(codes.has("counters-mixed")).toBe(least === 0);
    expect([...codes].filter((code) => !code.startsWith("counters-"))).toEqual([]);
  });
});
