import { expect, it } from "vitest";

import { reasonAboutDetection } from "./detection.ts";
import { ENV, loadText } from "./test-files.ts";

const TEXT = `version: 1
targets:
  - name: api
    url: https://api.example.com
    needs: [postgres]
    objective: 99.9
    requestsPerHour: 36
    probes:
      - { kind: http, path: /health }
      - { kind: prometheus, path: /metrics }
  - name: postgres
    service: Postgres
    probes: [{ kind: postgres, url: { env: DATABASE_URL } }]
network: { places: ["127.0.0.1:1", "localhost:1"] }
slack: { webhook: { env: SLACK_WEBHOOK_URL } }
switches: { read-only: { drivers: [{ kind: control, url: "https://a.example.com", secret: { env: SWITCH_SECRET } }] } }
`;

async function reason(text: string) {
  const loaded = await loadText(text, ENV);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  return { ...reasonAboutDetection(loaded.config), all: loaded.config.warnings };
}

it("says how soon each kind of incident is seen at the latest", async () => {
  const { lines, warnings } = await reason(TEXT);
  // 10 s until the next look, two more after a third of that, and three looks that end at their deadline of 3 s.
  expect(lines).toContain("api: service-down within 26 s (http /health: 3 looks in a row)");
  expect(lines.find((line) => line.startsWith("postgres: database-down within"))).toBeDefined();
  expect(
    lines.find((line) => line.startsWith("api: high-error-rate within 35 s when half")),
  ).toBeDefined();
  expect(warnings).toEqual([]);
});

it("says what share of errors is the smallest at this traffic, or that not even an outage shows", async () => {
  const smallest = async (requests: number) =>
    (await reason(TEXT.replace("PerHour: 36", `PerHour: ${requests}`))).lines.find((line) =>
      line.includes("requests an hour"),
    );
  expect(await smallest(3_600)).toContain("within 10 min is 0.833 %");
  expect(await smallest(3_600)).toContain("one failed request alone opens nothing");
  expect(await smallest(20)).toContain("not even an outage");
});

it("says what nobody looks at", async () => {
  const { lines } = await reason(TEXT.replace(/ {6}- \{ kind: prometheus.*\n/, ""));
  expect(lines).toContain(
    "api: errors, latency and floods are not seen: no prometheus, promql or railway probe counts its requests",
  );
});

it("says what share of Railway's hour is taken", async () => {
  const of = async (plan: string) =>
    (await reason(`${TEXT}railway: { plan: ${plan} }\n`)).lines.find((line) =>
      line.startsWith("Railway:"),
    );
  expect(await of("hobby")).toBe(
    "Railway: about 61 requests an hour at rest, 6.1 % of the plan's 1000",
  );
  expect(await of("free")).toBe(
    "Railway: about 49 requests an hour at rest, 49 % of the plan's 100",
  );
});

it.each([
  ["objective: 93", 1],
  ["objective: 80", 2],
  ["objective: 99", 0],
])("warns of burn rates that can never fire: %s", async (objective, count) => {
  const { all } = await reason(TEXT.replace("objective: 99.9", objective));
  expect(all.filter((line) => line.includes("can never fire"))).toHaveLength(count);
});

it.each([
  [1, 36, 1],
  [1, 36_000, 0],
  [2, 36, 0],
])(
  "warns where one failed request would page: minFailed %d at %d an hour",
  async (least, requests, count) => {
    const text = TEXT.replace(
      "PerHour: 36",
      `PerHour: ${requests}\n    detect: { burn-rate: { minFailed: ${least} } }`,
    );
    const { all } = await reason(text);
    expect(all.filter((line) => line.includes("a single failed one fires"))).toHaveLength(count);
  },
);

it("hands the settings of people to the detectors", async () => {
  const written = "detect: { threshold: { bounds: [{ signal: value, above: 5, lasts: 10s }] } }";
  const loaded = await loadText(TEXT.replace("requestsPerHour: 36", written), ENV);
  expect(loaded.ok ? loaded.config.targets[0]?.detect : loaded.faults).toEqual({
    "burn-rate": { objective: 0.999, followsPast: false },
    threshold: { bounds: [{ signal: "value", above: 5, of: [3, 5], lastsMs: 10_000 }] },
  });
});
