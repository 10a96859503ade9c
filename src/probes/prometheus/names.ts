import type { Page, Sample } from "./page.ts";

// What the common libraries call their metrics; docs/reference/metrics-of-your-app.md says whose they are. The first that a
// page has wins. The app's own prefix may stand before each (`shop_http_requests_total`).

export const REQUESTS: readonly string[] = [
  "http_requests_total",
  "starlette_requests_total",
  "django_http_responses_total_by_status_view_method_total",
  "django_http_responses_total_by_status_total",
  "flask_http_request_total",
  "http_request_total",
  "http_request_duration_seconds_count",
  "http_server_requests_seconds_count",
  "http_server_request_duration_seconds_count",
  "http_server_duration_milliseconds_count",
  "http_request_duration_ms_count",
];

export const LATENCY: readonly string[] = [
  "http_request_duration_highr_seconds",
  "http_request_duration_seconds",
  "starlette_request_duration_seconds",
  "django_http_requests_latency_including_middlewares_seconds",
  "django_http_requests_latency_seconds_by_view_method",
  "flask_http_request_duration_seconds",
  "http_server_requests_seconds",
  "http_server_request_duration_seconds",
  "http_server_duration_milliseconds",
  "http_request_duration_ms",
];

export const INFLIGHT: readonly string[] = [
  "http_requests_inprogress",
  "http_requests_in_progress",
  "http_requests_in_flight",
  "http_requests_inflight",
  "http_server_active_requests",
  "starlette_requests_in_progress",
];

/** Heap in use tells a leak earlier and more surely than what the process holds of the machine. */
export const MEMORY: readonly string[] = [
  "nodejs_heap_size_used_bytes",
  "process_resident_memory_bytes",
];

export const AUTH_FAILURES: readonly string[] = [
  "auth_failures_total",
  "authentication_failures_total",
  "login_failures_total",
  "failed_logins_total",
];

/** Requests that the app refused because of a switch, where the counter of requests itself has no label `switch`. */
export const REFUSED: readonly string[] = ["signalman_refused_requests_total"];
export const CPU: readonly string[] = ["process_cpu_seconds_total"];
export const START: readonly string[] = ["process_start_time_seconds"];

/** Labels that hold the status of an answer. */
export const STATUS_LABELS: readonly string[] = [
  "status",
  "status_code",
  "code",
  "http_status",
  "statusCode",
  "http_response_status_code",
];

/** Labels that hold the path of a request. */
export const PATH_LABELS: readonly string[] = [
  "handler",
  "endpoint",
  "path",
  "route",
  "url",
  "uri",
  "view",
  "http_route",
];

/** Labels that tell one process from another when every series of a page has the same value. */
export const PROCESS_LABELS: readonly string[] = [
  "pid",
  "worker",
  "worker_id",
  "instance",
  "instance_id",
  "hostname",
  "pod",
  "replica",
  "replica_id",
];

/** Holds the name of the switch that refused a request; empty or absent when none did. */
export const SWITCH_LABEL = "switch";

/** One metric of a page; without samples when the page only declares it, because nothing was counted yet. */
export interface Metric {
  readonly name: string;
  readonly samples: readonly Sample[];
}

/**
 * The first of the names that the page has and that is accepted. `suffix` is what the samples' own names add, such as
 * `_bucket`.
 */
export function choose(
  page: Page,
  names: readonly string[],
  suffix = "",
  isAccepted: (metric: Metric) => boolean = () => true,
): Metric | null {
  for (const name of names) {
    const full = `${name}${suffix}`;
    const found = metricOf(page, full) ?? prefixed(page, full);
    if (found !== null && isAccepted(found)) return found;
  }
  return null;
}

function metricOf(page: Page, name: string): Metric | null {
  const samples = page.samples.get(name);
  if (samples !== undefined) return { name, samples };
  const family = name.replace(/_(?:total|count|bucket)$/, "");
  return page.types.has(name) || page.types.has(family) ? { name, samples: [] } : null;
}

/** Only when one metric has the name as its end: of two nobody knows which one is meant. */
function prefixed(page: Page, name: string): Metric | null {
  const found = [...page.samples.keys()].filter(
    (full) => full.endsWith(`_${name}`) && !OUTWARD.test(full),
  );
  const [only] = found;
  return found.length === 1 && only !== undefined ? metricOf(page, only) : null;
}

/** Requests that the app itself makes to others. */
const OUTWARD = /client|outbound|outgoing|upstream|external/;
