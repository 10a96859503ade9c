import { expect, it } from "vitest";

import type { Hint } from "../../domain/hint.ts";
import { hook } from "./index.ts";

const ALERT = {
  status: "firing",
  labels: {
    alertname: "HighErrorRate",
    job: "api-metrics",
    instance: "10.0.0.1:8000",
    severity: "critical",
  },
  annotations: { summary: "12 % of requests fail", description: "since 5 min" },
  startsAt: "2026-11-20T03:12:04.000Z",
  endsAt: "0001-01-01T00:00:00Z",
  generatorURL: "http://prometheus/graph",
  fingerprint: "a1b2",
};
const GROUP = {
  version: "4",
  groupKey: '{}:{alertname="HighErrorRate"}',
  truncatedAlerts: 0,
  status: "firing",
  receiver: "signalman",
  groupLabels: { alertname: "HighErrorRate" },
  commonLabels: {},
  commonAnnotations: {},
  externalURL: "http://alertmanager",
  alerts: [ALERT],
};

function read(alerts: unknown): readonly Hint[] {
  const reading = hook.read({ ...GROUP, alerts }, {});
  if (reading.kind === "refused") throw new Error(reading.why);
  return reading.hints;
}

it("makes a hint of each alert, with its words and where it is", () => {
  expect(read([ALERT])).toEqual([
    {
      about: "HighErrorRate",
      alert: "a1b2",
      words: "12 % of requests fail (job api-metrics, instance 10.0.0.1:8000)",
      state: "firing",
      severity: "critical",
      id: "a1b2|2026-11-20T03:12:04.000Z",
      names: ["api-metrics", "10.0.0.1:8000"],
      environment: null,
      count: null,
    },
  ]);
});

it("takes firing and resolved ones out of the same delivery", () => {
  const resolved = { ...ALERT, status: "resolved", fingerprint: "c3" };
  expect(read([ALERT, resolved]).map(({ state }) => state)).toEqual(["firing", "resolved"]);
});

it("prefers the deliberate label", () => {
  const labels = { ...ALERT.labels, service: "billing", signalman_target: "api" };
  expect(read([{ ...ALERT, labels }])[0]?.names.slice(0, 2)).toEqual(["api", "billing"]);
});

it.each([
  ["page", "critical"],
  ["CRITICAL", "critical"],
  ["error", "error"],
  ["warning", "warning"],
  ["none", "info"],
  ["cosmic", "warning"],
  [undefined, "warning"],
])("severity %s is %s", (severity, wanted) => {
  const labels = { alertname: "a", ...(severity === undefined ? {} : { severity }) };
  expect(read([{ ...ALERT, labels }])[0]?.severity).toBe(wanted);
});

it("reads what Grafana sends: the same with a title, and without a severity", () => {
  const grafana = {
    status: "firing",
    labels: { alertname: "DatasourceError", grafana_folder: "prod" },
    annotations: {},
    values: { B: 22.5 },
    valueString: "[ var='B' value=22.5 ]",
    fingerprint: "c6eadffa33fcdf37",
  };
  expect(read([grafana])).toMatchObject([
    { about: "DatasourceError", words: "DatasourceError", id: "c6eadffa33fcdf37|", names: [] },
  ]);
});

it("is not led astray by what does not belong there", () => {
  const odd = { status: {}, labels: { alertname: ["x"], service: 3 }, annotations: null };
  expect(read([null, 7, odd])).toMatchObject([
    { about: "an alert without a name", state: "firing", names: [], id: null },
  ]);
  expect(read([])).toEqual([]);
  expect(read(Array.from({ length: 1_000 }, () => ALERT))).toHaveLength(50);
});

it.each([{}, { alerts: {} }, { alerts: "none" }])("refuses %j with what was expected", (body) => {
  expect(hook.read(body, {})).toMatchObject({ why: expect.stringContaining('"alerts"') });
});
