import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ask, askGraphql, at } from "../asking.ts";
import { startTwin, type Twin } from "../index.ts";
import { waitUntil } from "../processes/wait.ts";

type Series = { measurement: string; tags: object; values: { ts: number; value: number }[] };
type Row = { timestamp: string; message: string; severity: string; attributes: unknown[] };

let twin: Twin;

beforeAll(async () => {
  const budget = { perHour: 100_000, perSecond: 1_000 };
  twin = await startTwin({ redis: false, lagMs: 0, metricsLagMs: 1_000, budget });
});
afterAll(() => twin.stop());
afterEach(() => twin.clear());

describe("metrics", () => {
  test("are sums over everything that is not told apart, in seconds, and of real processes", async () => {
    await waitUntil(async () => {
      const both = await metrics("MEMORY_USAGE_GB", ["SERVICE_ID"]);
      return both.length === 2 && both.every(({ values }) => values.length > 3);
    }, 10_000);
    const apart = await metrics("MEMORY_USAGE_GB", ["SERVICE_ID", "DEPLOYMENT_INSTANCE_ID"]);
    expect(apart.map(({ tags }) => Object.keys(tags).sort())).toEqual([
      ["deploymentInstanceId", "serviceId"],
      ["deploymentInstanceId", "serviceId"],
    ]);
    const [together, ...others] = await metrics("MEMORY_USAGE_GB", undefined);
    expect(others).toEqual([]);
    // The newest is still being made, and the first was measured before the second service ran.
    const first = together?.values.at(-2);
    const parts = apart.map(({ values }) => values.find(({ ts }) => ts === first?.ts)?.value ?? 0);
    const sum = parts.reduce((total, part) => total + part, 0);
    expect(first?.value).toBeCloseTo(sum, 6);
    expect(Math.min(...parts)).toBeGreaterThan(0.01);
    expect(Math.abs(Date.now() / 1_000 - (first?.ts ?? 0))).toBeLessThan(60);
    const [limit] = await metrics("MEMORY_LIMIT_GB", ["SERVICE_ID"]);
    expect(limit?.values[0]?.value).toBe(0.5);
    expect(
      (await metrics("CPU_USAGE", ["SERVICE_ID"]))[0]?.values[0]?.value,
    ).toBeGreaterThanOrEqual(0);
  });

  test("are late, have gaps, can be withheld and can fail", async () => {
    const newest = async () =>
      Math.max(
        0,
        ...(await metrics("CPU_USAGE", [])).flatMap(({ values }) => values.map(({ ts }) => ts)),
      );
    await waitUntil(async () => (await newest()) > 0, 5_000);
    expect(Date.now() / 1_000 - (await newest())).toBeGreaterThan(0.9);
    await twin.inject({ fault: "metrics-gap" });
    const before = Date.now() / 1_000;
    await waitUntil(async () => Date.now() / 1_000 - before > 2.5, 5_000);
    expect(await newest()).toBeLessThan(before + 0.6);
    await twin.clear();
    await waitUntil(async () => (await newest()) > before + 2, 5_000);
    await twin.inject({ fault: "withhold-evidence", kinds: ["metrics"], how: "error" });
    await expect(metrics("CPU_USAGE", [])).rejects.toThrow("Problem processing request");
  });
});

describe("the edge", () => {
  test("counts and times what comes over it and nothing else, a dead upstream as 502", async () => {
    expect(await edge()).toEqual({ statuses: [], durations: [] });
    await ask(`${twin.urls.api}/health`);
    expect(await edge()).toEqual({ statuses: [], durations: [] });
    await ask(`${twin.urls.edge}/health`);
    await ask(`${twin.urls.edge}/nowhere`);
    await twin.inject({ fault: "refuse", service: "tradesense-backend" });
    const dead = await ask(`${twin.urls.edge}/health`);
    expect(dead.status).toBe(502);
    await waitUntil(async () => (await edge()).statuses.length === 3, 5_000);
    const { statuses, durations } = await edge();
    expect(statuses.toSorted()).toEqual(["200: 1", "404: 1", "502: 1"]);
    expect(durations.length).toBeGreaterThan(0);
    for (const { p50, p99 } of durations) expect(p99).toBeGreaterThanOrEqual(p50);
  });

  async function edge() {
    const from = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 300_000).toISOString();
    const query = `query($e: String!, $s: String!, $from: DateTime!, $to: DateTime!) {
      a: httpMetricsGroupedByStatus(environmentId: $e, serviceId: $s, startDate: $from, endDate: $to) { statusCode samples { ts value } }
      b: httpDurationMetrics(environmentId: $e, serviceId: $s, startDate: $from, endDate: $to, stepSeconds: 60) { samples { ts p50 p99 } } }`;
    const to = new Date().toISOString();
    const { data } = await askGraphql(twin.env, query, { ...scope(), s: idOf(), from, to });
    const statuses = at(data, "a") as { statusCode: number; samples: { value: number }[] }[];
    return {
      statuses: statuses.map(({ statusCode, samples }) => `${statusCode}: ${samples[0]?.value}`),
      durations: at(data, "b.samples") as { p50: number; p99: number }[],
    };
  }
});

describe("logs", () => {
  test("are what the processes wrote, filtered, one more than asked for, to the nanosecond", async () => {
    await twin.inject({ fault: "kill", service: "Postgres" });
    for (let request = 0; request < 4; request += 1)
      await ask(`${twin.urls.api}/trades/${request + 1}`);
    const filter = `@level:error AND (@service:${idOf()} OR @service:nobody)`;
    await waitUntil(async () => (await logs(filter, 10)).length === 4, 5_000);
    const rows = await logs(filter, 2);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({
      message: "trades could not be read from the database",
      severity: "error",
      tags: { serviceId: idOf() },
    });
    expect(rows[0]?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    expect(rows.map(({ timestamp }) => timestamp)).toEqual(
      rows.map(({ timestamp }) => timestamp).toSorted(),
    );
    // Values of attributes are JSON once more.
    expect(JSON.stringify(rows[0]?.attributes)).toContain('"key":"err","value":"{\\"type\\"');
    expect(await logs(`@level:info @service:${idOf()}`, 10)).toEqual([]);
    const own = await deploymentLogs(1);
    expect(own).toHaveLength(2);
  });

  async function deploymentLogs(limit: number): Promise<Row[]> {
    const query = `query($d: String!, $n: Int) { rows: deploymentLogs(deploymentId: $d, filter: "", limit: $n) { timestamp message severity } }`;
    const d = twin.state().services.find(({ id }) => id === idOf())?.deploymentId;
    const { data } = await askGraphql(twin.env, query, { d, n: limit });
    return at(data, "rows") as Row[];
  }

  async function logs(filter: string, limit: number): Promise<Row[]> {
    const query = `query($e: String!, $f: String, $n: Int) { rows: environmentLogs(environmentId: $e, filter: $f, beforeLimit: $n) {
      timestamp message severity attributes { key value } tags { serviceId } } }`;
    const { data } = await askGraphql(twin.env, query, { ...scope(), f: filter, n: limit });
    return at(data, "rows") as Row[];
  }
});

test("a field that is gone is refused, whoever names it", async () => {
  await twin.inject({ fault: "unknown-field", field: "metrics" });
  await expect(metrics("CPU_USAGE", [])).rejects.toThrow('Cannot query field "metrics"');
});

function scope() {
  return { e: twin.env["RAILWAY_ENVIRONMENT_ID"] };
}

function idOf(): string {
  return twin.state().services.find(({ name }) => name === "tradesense-backend")?.id ?? "";
}

async function metrics(measurement: string, groupBy: string[] | undefined): Promise<Series[]> {
  const query = `query($e: String!, $from: DateTime!, $g: [MetricTag!]) { rows: metrics(environmentId: $e, startDate: $from,
    measurements: [${measurement}], sampleRateSeconds: 1, groupBy: $g) { measurement tags { serviceId deploymentInstanceId } values { ts value } } }`;
  const from = new Date(Date.now() - 60_000).toISOString();
  const { data, errors } = await askGraphql(twin.env, query, { ...scope(), from, g: groupBy });
  if (errors !== undefined) throw new Error(errors[0]?.message);
  const rows = at(data, "rows") as Series[];
  return rows.map(({ tags, ...rest }) => ({
    ...rest,
    tags: Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== null)),
  }));
}
