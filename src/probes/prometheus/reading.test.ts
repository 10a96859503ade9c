import { describe, expect, test } from "vitest";

import { Config } from "./config.ts";
import { parsePage } from "./page.ts";
import { readPage, type Reading } from "./reading.ts";

// Pages as the common libraries write them, shortened.

const FASTAPI_INSTRUMENTATOR = `
# HELP python_info Python platform information
# TYPE python_info gauge
python_info{implementation="CPython",major="3",minor="12",patchlevel="1",version="3.12.1"} 1.0
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 8.1592320e+07
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1.70000000012e+09
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 2.5
# HELP http_requests_total Total number of requests by method, status and handler.
# TYPE http_requests_total counter
http_requests_total{handler="/trades",method="GET",status="2xx"} 90.0
http_requests_total{handler="/trades",method="POST",status="4xx"} 6.0
http_requests_total{handler="/trades",method="POST",status="5xx"} 4.0
http_requests_total{handler="/health",method="GET",status="5xx"} 700.0
http_requests_total{handler="/metrics",method="GET",status="2xx"} 50.0
# TYPE http_requests_created gauge
http_requests_created{handler="/trades",method="GET",status="2xx"} 1.7000001e+09
# TYPE http_request_duration_highr_seconds histogram
http_request_duration_highr_seconds_bucket{le="0.0041"} 700.0
http_request_duration_highr_seconds_bucket{le="0.025"} 800.0
http_request_duration_highr_seconds_bucket{le="0.075"} 840.0
http_request_duration_highr_seconds_bucket{le="1.5"} 849.0
http_request_duration_highr_seconds_bucket{le="+Inf"} 850.0
http_request_duration_highr_seconds_count 850.0
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{handler="/trades",le="0.1",method="GET"} 90.0
http_request_duration_seconds_bucket{handler="/trades",le="+Inf",method="GET"} 90.0
http_request_duration_seconds_count{handler="/trades",method="GET"} 90.0
# TYPE http_requests_inprogress gauge
http_requests_inprogress 3.0
`;

test("prometheus_fastapi_instrumentator", () => {
  const reading = read(FASTAPI_INSTRUMENTATOR);
  expect(reading.sums).toEqual({ requests: 100, failed: 4, cpuSeconds: 2.5 });
  expect([...(reading.buckets ?? [])]).toEqual([
    [4.1, 700],
    [25, 800],
    [75, 840],
    [1500, 849],
    [Infinity, 850],
  ]);
  expect(reading.gauges).toEqual({ inflight: 3, memory_used: 81_592_320 });
  expect(reading.startedAt).toBe(1_700_000_000_120);
  expect(reading.lacks).toBeNull();
});

test("counters made by hand, as the guide has them", () => {
  const reading = read(`
http_requests_total{method="GET",endpoint="/trades",status="200"} 7
http_requests_total{method="GET",endpoint="/trades",status="401"} 2
http_requests_total{method="GET",endpoint="/trades",status="403"} 1
http_requests_total{method="GET",endpoint="/trades",status="502"} 5
http_requests_total{method="GET",endpoint="/metrics",status="200"} 100
http_request_duration_seconds_bucket{endpoint="/trades",le="0.5"} 14
http_request_duration_seconds_bucket{endpoint="/trades",le="+Inf"} 15
http_request_duration_seconds_bucket{endpoint="/health",le="0.5"} 300
http_request_duration_seconds_bucket{endpoint="/health",le="+Inf"} 300
`);
  expect(reading.sums).toEqual({ requests: 15, failed: 5, auth_failures: 3 });
  expect([...(reading.buckets ?? [])]).toEqual([
    [500, 14],
    [Infinity, 15],
  ]);
  expect(reading.identity).toBeNull();
});

test("express-prom-bundle and prom-client: requests are the count of the histogram", () => {
  const reading = read(`
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.1",status_code="200",method="GET",path="/a"} 8
http_request_duration_seconds_bucket{le="+Inf",status_code="200",method="GET",path="/a"} 9
http_request_duration_seconds_count{status_code="200",method="GET",path="/a"} 9
http_request_duration_seconds_bucket{le="0.1",status_code="503",method="GET",path="/a"} 1
http_request_duration_seconds_bucket{le="+Inf",status_code="503",method="GET",path="/a"} 2
http_request_duration_seconds_count{status_code="503",method="GET",path="/a"} 2
process_resident_memory_bytes 100
nodejs_heap_size_used_bytes 40
`);
  expect(reading.sums).toEqual({ requests: 11, failed: 2, auth_failures: 0 });
  expect([...(reading.buckets ?? [])]).toEqual([
    [100, 9],
    [Infinity, 11],
  ]);
  expect(reading.gauges.memory_used).toBe(40);
});

test.each([
  [
    "starlette_exporter",
    `starlette_requests_total{method="GET",path="/",status_code="200",app_name="x"} 5
starlette_requests_total{method="GET",path="/",status_code="500",app_name="x"} 1
starlette_requests_in_progress{method="GET",app_name="x"} 2`,
    { requests: 6, failed: 1, auth_failures: 0 },
  ],
  [
    "django-prometheus",
    `django_http_responses_total_by_status_view_method_total{status="200",view="trades",method="GET"} 5
django_http_responses_total_by_status_view_method_total{status="200",view="prometheus-django-metrics",method="GET"} 50
django_http_responses_total_by_status_view_method_total{status="500",view="trades",method="GET"} 1`,
    { requests: 6, failed: 1, auth_failures: 0 },
  ],
  [
    "Micrometer",
    `http_server_requests_seconds_count{status="200",uri="/a"} 5
http_server_requests_seconds_count{status="500",uri="/a"} 1`,
    { requests: 6, failed: 1, auth_failures: 0 },
  ],
  [
    "a prefix of the app's own, and calls to others beside it",
    `shop_http_requests_total{code="200"} 5
shop_http_requests_total{code="500"} 1
payments_client_http_requests_total{code="500"} 70`,
    { requests: 6, failed: 1, auth_failures: 0 },
  ],
  [
    "a counter of its own for failed logins",
    `http_requests_total{status="200"} 5
http_requests_total{status="401"} 3
login_failures_total{reason="password"} 2
login_failures_total{reason="token"} 2`,
    { requests: 8, failed: 0, auth_failures: 4 },
  ],
  [
    "OpenMetrics: the type is declared without the counter's end",
    `# TYPE http_requests counter
# EOF`,
    { requests: 0, failed: 0 },
  ],
])("%s", (_, text, sums) => {
  expect(read(text).sums).toEqual(sums);
});

describe("refusals by a switch", () => {
  test("with a label are neither requests nor failures nor latency", () => {
    const reading = read(`
http_requests_total{status="200",switch=""} 9
http_requests_total{status="503",switch=""} 1
http_requests_total{status="503",switch="read-only"} 500
http_request_duration_seconds_bucket{switch="",le="1"} 10
http_request_duration_seconds_bucket{switch="",le="+Inf"} 10
http_request_duration_seconds_bucket{switch="read-only",le="1"} 500
http_request_duration_seconds_bucket{switch="read-only",le="+Inf"} 500
signalman_refused_requests_total 500
`);
    expect(reading.sums).toEqual({ requests: 10, failed: 1, auth_failures: 0 });
    expect([...(reading.buckets ?? [])]).toEqual([
      [1000, 10],
      [Infinity, 10],
    ]);
  });

  test("counted apart are told as such", () => {
    const text = `http_requests_total{status="5xx"} 501\nsignalman_refused_requests_total{switch="read-only"} 500\n`;
    expect(read(text).sums).toEqual({ requests: 501, failed: 501, refused: 500 });
  });
});

describe("names of the configuration", () => {
  test("win over the usual ones", () => {
    const text = `
http_requests_total{status="500"} 1000
answers_total{outcome="ok"} 5
answers_total{outcome="error"} 2
answers_total{outcome="timeout"} 1
answer_ms_bucket{le="100"} 6
answer_ms_bucket{le="+Inf"} 8
waiting 4
held_bytes 7
refused_logins_total 3
`;
    const metrics = {
      requests: "answers_total",
      status: "outcome",
      failed: ["error", "time..t"],
      latency: "answer_ms",
      inflight: "waiting",
      memory: "held_bytes",
      authFailures: "refused_logins_total",
    };
    const reading = read(text, { metrics });
    expect(reading.sums).toEqual({ requests: 8, failed: 3, auth_failures: 3 });
    expect([...(reading.buckets ?? [])]).toEqual([
      [100, 6],
      [Infinity, 8],
    ]);
    expect(reading.gauges).toEqual({ inflight: 4, memory_used: 7 });
  });

  test("paths that do not count can be others", () => {
    const text = `http_requests_total{handler="/a/b",status="200"} 1
http_requests_total{handler="/c/",status="200"} 10
http_requests_total{handler="/health",status="200"} 100\n`;
    expect(read(text, { ignore: ["/a/*", "/c"] }).sums.requests).toBe(100);
  });

  test("a page that counts no requests lacks none when that is said", () => {
    const reading = read("process_resident_memory_bytes 5\n", { metrics: { requests: false } });
    expect(reading).toMatchObject({ lacks: null, sums: {}, gauges: { memory_used: 5 } });
  });
});

describe("what a page lacks is said", () => {
  test.each([
    ["up 1\n", {}, "no known counter of requests"],
    ["http_requests_total 5\n", {}, "metrics.status"],
    ["up 1\n", { metrics: { requests: "mine" } }, "no mine"],
    [
      'a_http_requests_total{status="200"} 1\nb_http_requests_total{status="200"} 1\n',
      {},
      "no known",
    ],
  ])("%j", (text, config, words) => {
    expect(read(text, config).lacks).toMatchObject({ code: "metrics-absent" });
    expect(read(text, config).lacks?.detail).toContain(words);
  });

  test.each([
    ["http_requests_total NaN\n", "NaN"],
    ["http_requests_total -1\n", "-1"],
    ['http_requests_total{status="200"} 1\nhttp_requests_total{status="200"} 2\n', "twice"],
  ])("what can be no count refuses the page: %j", (text, words) => {
    expect(reads(text)).toMatchObject({ code: "metrics-malformed" });
    expect(reads(text)).toHaveProperty("detail", expect.stringContaining(words));
  });

  test.each([
    ['http_request_duration_seconds_bucket{le="1"} 1\n'],
    ['http_request_duration_seconds_bucket{le="+Inf"} 1\n'],
    [
      'http_request_duration_seconds_bucket{le="x"} 1\nhttp_request_duration_seconds_bucket{le="+Inf"} 1\n',
    ],
    [
      'http_request_duration_seconds_bucket{le="1"} NaN\nhttp_request_duration_seconds_bucket{le="+Inf"} 1\n',
    ],
    ["process_resident_memory_bytes NaN\nhttp_requests_inprogress NaN\n"],
  ])("what is no histogram and no gauge is left out: %j", (text) => {
    expect(read(text)).toMatchObject({ buckets: null, gauges: {} });
  });
});

describe("the identity", () => {
  test.each([
    [
      "its start",
      "process_start_time_seconds 1700000000.25\n",
      "process_start_time_seconds 1700000000.5\n",
    ],
    [
      "a label of every series",
      'process_start_time_seconds{pid="1"} 1700000000\n',
      'process_start_time_seconds{pid="2"} 1700000000\n',
    ],
    [
      "a label of the requests",
      'process_start_time_seconds 1\nhttp_requests_total{status="200",instance="a"} 1\n',
      'process_start_time_seconds 1\nhttp_requests_total{status="200",instance="b"} 1\n',
    ],
    [
      "the moment its first counter was created",
      'http_requests_total{status="200"} 1\nhttp_requests_created{status="200"} 1.70000001e9\n',
      'http_requests_total{status="200"} 1\nhttp_requests_created{status="200"} 1.70000002e9\n',
    ],
  ])("is %s", (_, one, other) => {
    expect(read(one).identity).not.toBeNull();
    expect(read(one).identity).toBe(read(one).identity);
    expect(read(one).identity).not.toBe(read(other).identity);
  });

  test("stays what it is when another series is created", () => {
    const one = 'http_requests_total{status="200"} 1\nhttp_requests_created{status="200"} 10\n';
    const more = 'http_requests_total{status="500"} 1\nhttp_requests_created{status="500"} 20\n';
    expect(read(one + more).identity).toBe(read(one).identity);
  });

  test("is no label whose values differ on one page", () => {
    const text = `http_requests_total{status="200",pid="1"} 1\nhttp_requests_total{status="200",pid="2"} 1\n`;
    expect(read(text).identity).toBeNull();
  });

  test("of several processes on one page began with the oldest", () => {
    const text = `process_start_time_seconds{pid="1"} 1700000010\nprocess_start_time_seconds{pid="2"} 1700000000\n`;
    expect(read(text).startedAt).toBe(1_700_000_000_000);
  });
});

function reads(text: string, more: object = {}) {
  const config = Config.parse({ kind: "prometheus", path: "/metrics", ...more });
  const parsed = parsePage(text, { samplesMax: 1_000, mustEnd: false });
  if (!parsed.ok) throw new Error(`line ${parsed.line}: ${parsed.why}`);
  return readPage(parsed.page, config);
}

function read(text: string, more: object = {}): Reading {
  const reading = reads(text, more);
  if ("code" in reading) throw new Error(reading.detail);
  return reading;
}
