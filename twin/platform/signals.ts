import { GraphQLError } from "graphql";
import type { Deployment } from "./deployment.ts";
import type { Evidence } from "./faults.ts";
import type { Line } from "./logbook.ts";
import { CPU_LIMIT, MEMORY_LIMIT_GB, type Measured } from "./meters.ts";
import type { Platform } from "./platform.ts";
import { isVisible } from "./timeline.ts";

// What the platform tells of what its services use, answer and write: late, with gaps, in its own shapes.

export type MetricsArguments = {
  startDate: string;
  endDate?: string | null;
  projectId?: string | null;
  environmentId?: string | null;
  serviceId?: string | null;
  measurements: string[];
  sampleRateSeconds?: number | null;
  groupBy?: string[] | null;
};
export type EdgeArguments = {
  serviceId: string;
  environmentId: string;
  startDate: string;
  endDate: string;
  stepSeconds?: number | null;
};
export type LogArguments = {
  filter?: string | null;
  anchorDate?: string | null;
  beforeDate?: string | null;
  beforeLimit?: number | null;
  afterDate?: string | null;
  afterLimit?: number | null;
};

const RATE_SECONDS = 30;
const LOGS = 100;

/** Series of use, summed over everything that `groupBy` does not tell apart. */
export function metricsView(platform: Platform, asked: MetricsArguments) {
  const rate = Math.max(1, asked.sampleRateSeconds ?? RATE_SECONDS);
  const rows = shownOf(platform, "metrics", platform.signals.measured(), asked).filter(
    ({ serviceId }) => (asked.serviceId ?? serviceId) === serviceId,
  );
  const tagsOf = ({ serviceId, deploymentId, instanceId }: Measured) => {
    const all = {
      SERVICE_ID: { serviceId },
      DEPLOYMENT_ID: { deploymentId },
      DEPLOYMENT_INSTANCE_ID: { deploymentInstanceId: instanceId },
    };
    const wanted = Object.entries(all).filter(([tag]) => asked.groupBy?.includes(tag) ?? false);
    return Object.assign({}, ...wanted.map(([, tags]) => tags)) as Record<string, string>;
  };
  const groups = Map.groupBy(rows, (row) => JSON.stringify(tagsOf(row)));
  return asked.measurements.flatMap((measurement) =>
    [...groups].map(([tags, group]) => ({
      measurement,
      tags: JSON.parse(tags) as Record<string, string>,
      values: sampled(group, rate, measurement),
    })),
  );
}

/** Counts by status; without traffic there is nothing, not a zero. */
export function statusesView(platform: Platform, asked: EdgeArguments) {
  const rows = passagesFor(platform, asked);
  return [...Map.groupBy(rows, ({ status }) => status)].map(([statusCode, group]) => ({
    statusCode,
    samples: steps(group, asked).map(([ts, some]) => ({ ts, value: some.length })),
  }));
}

export function durationsView(platform: Platform, asked: EdgeArguments) {
  return {
    samples: steps(passagesFor(platform, asked), asked).map(([ts, some]) => {
      const sorted = some.map(({ ms }) => ms).sort((a, b) => a - b);
      const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
      return { ts, p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99) };
    }),
  };
}

/** Lines around an anchor, oldest first; one more than was asked for, as the platform does. */
export function logsView(platform: Platform, asked: LogArguments) {
  const { filter, anchorDate, beforeDate, afterDate } = asked;
  const afterLimit = asked.afterLimit ?? 0;
  const beforeLimit = asked.beforeLimit ?? (afterLimit > 0 ? 0 : LOGS);
  const anchor = momentOr(anchorDate, Date.now());
  const oldest = momentOr(beforeDate, -Infinity);
  const latest = momentOr(afterDate, Infinity);
  const lines = shownLines(platform).filter((line) => isWanted(line, filter ?? ""));
  const before = lines.filter(({ at }) => at <= anchor && at >= oldest);
  const after = lines.filter(({ at }) => at > anchor && at <= latest);
  return [
    ...(beforeLimit > 0 ? before.slice(-(beforeLimit + 1)) : []),
    ...(afterLimit > 0 ? after.slice(0, afterLimit + 1) : []),
  ].map(lineView);
}

/** Lines of one deployment, the newest of them; one more than was asked for. */
export function deploymentLogsView(
  platform: Platform,
  asked: { deploymentId: string; filter?: string | null; limit?: number | null },
) {
  return shownLines(platform)
    .filter(({ deploymentId }) => deploymentId === asked.deploymentId)
    .filter((line) => isWanted(line, asked.filter ?? ""))
    .slice(-((asked.limit ?? LOGS) + 1))
    .map(lineView);
}

/** What building an image wrote: nothing of the processes, which write into the deployment's own log. */
export function buildLogsView({ createdAt, recipe }: Deployment) {
  if (!recipe.build) return [];
  const words = [`Building ${recipe.release.commit ?? recipe.release.image}`, "Build succeeded"];
  return words.map((message, index) => ({
    timestamp: new Date(createdAt + index).toISOString().replace("Z", "000000Z"),
    message,
    severity: "info",
    attributes: [],
    tags: null,
  }));
}

function shownLines(platform: Platform): readonly Line[] {
  const how = platform.visibility("logs");
  const now = Date.now();
  refuseWhenWithheld(platform, "logs");
  return platform.signals.lines().filter(({ at }) => isVisible(at, how, now));
}

/** Words, `@level:`, `@service:`, `AND`, `OR` and brackets; nothing else of Railway's language. */
function isWanted(line: Line, filter: string): boolean {
  const words = filter.match(/[()]|[^\s()]+/g) ?? [];
  const groups: { isAny: boolean; truths: boolean[] }[] = [{ isAny: false, truths: [] }];
  const close = () => {
    const group = groups.pop();
    if (group === undefined || group.truths.length === 0) return true;
    return group.isAny ? group.truths.some(Boolean) : group.truths.every(Boolean);
  };
  for (const word of words) {
    const group = groups.at(-1);
    if (word === "(") groups.push({ isAny: false, truths: [] });
    else if (word === ")") {
      const truth = close();
      groups.at(-1)?.truths.push(truth);
    } else if (word === "OR" && group !== undefined) group.isAny = true;
    else if (word !== "AND") group?.truths.push(isTrue(line, word));
  }
  return close();
}

function isTrue(line: Line, word: string): boolean {
  const [, name, value] = /^@(level|service):(.+)$/.exec(word) ?? [];
  if (name === "level") return line.severity === value;
  if (name === "service") return line.serviceId === value;
  return line.message.includes(word);
}

function lineView(line: Line) {
  const { timestamp, message, severity, attributes, ...rest } = line;
  const { serviceId, deploymentId, instanceId } = rest;
  return {
    timestamp,
    message,
    severity,
    attributes,
    tags: { serviceId, deploymentId, deploymentInstanceId: instanceId },
  };
}

function passagesFor(platform: Platform, asked: EdgeArguments) {
  return shownOf(platform, "http", platform.signals.passages(), asked).filter(
    ({ serviceId }) => serviceId === asked.serviceId,
  );
}

function steps<T extends { at: number }>(
  rows: readonly T[],
  { stepSeconds, startDate }: EdgeArguments,
): [ts: number, rows: T[]][] {
  const start = moment(startDate) / 1_000;
  // Without steps the whole window is one.
  const step = stepSeconds ?? Infinity;
  const stepOf = ({ at }: T) => {
    const place = Math.floor((at / 1_000 - start) / step);
    return Math.floor(start + (place === 0 ? 0 : place * step));
  };
  return [...Map.groupBy(rows, stepOf)].sort(([a], [b]) => a - b);
}

function sampled(rows: readonly Measured[], rate: number, measurement: string) {
  const buckets = Map.groupBy(rows, ({ at }) => Math.floor(at / 1_000 / rate) * rate);
  return [...buckets].map(([ts, some]) => {
    const instances = [...Map.groupBy(some, ({ instanceId }) => instanceId).values()];
    return { ts, value: instances.reduce((sum, of) => sum + meanOf(of, measurement), 0) };
  });
}

function meanOf(rows: readonly Measured[], measurement: string): number {
  const mean = (of: (row: Measured) => number) =>
    rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
  switch (measurement) {
    case "MEMORY_USAGE_GB":
      return mean((row) => row.memoryGb);
    case "MEMORY_LIMIT_GB":
      return MEMORY_LIMIT_GB;
    case "CPU_USAGE":
    case "CPU_USAGE_2":
      return mean((row) => row.cpu);
    case "CPU_LIMIT":
      return CPU_LIMIT;
    default:
      return 0;
  }
}

function shownOf<T extends { at: number }>(
  platform: Platform,
  kind: Evidence,
  rows: readonly T[],
  asked: { startDate: string; endDate?: string | null },
): readonly T[] {
  refuseWhenWithheld(platform, kind);
  const how = platform.visibility(kind, kind === "logs" ? 0 : platform.metricsLagMs);
  const now = Date.now();
  const from = moment(asked.startDate);
  const to = momentOr(asked.endDate, Infinity);
  return rows.filter(({ at }) => at >= from && at <= to && isVisible(at, how, now));
}

/** Throws the platform's refusal where a fault says that this kind of evidence fails. */
export function refuseWhenWithheld(platform: Platform, kind: Evidence): void {
  const fault = platform.faults.find("withhold-evidence")?.fault;
  if (fault?.how === "error" && (fault.kinds?.includes(kind) ?? true)) {
    throw new GraphQLError("Problem processing request");
  }
}

function momentOr(text: string | null | undefined, otherwise: number): number {
  return text === null || text === undefined ? otherwise : moment(text);
}

function moment(text: string): number {
  const at = Date.parse(text);
  if (!Number.isFinite(at)) throw new GraphQLError("Problem processing request");
  return at;
}
