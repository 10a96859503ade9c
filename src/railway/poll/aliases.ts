/**
 * What a poll can ask for. Each is a root field of its own kind, so that one that Railway removes costs what it tells and
 * nothing else. `settings` is apart from `services` because its fields are younger and can be done without.
 */
export const FEATURES = [
  "services",
  "settings",
  "platform",
  "usage",
  "logs",
  "executions",
  "statuses",
  "durations",
] as const;
export type Feature = (typeof FEATURES)[number];

/** One root field of a poll's document: a feature, of one service where the feature is asked service by service. */
export interface Alias {
  /** Its name in the answer. */
  readonly name: string;
  readonly feature: Feature;
  /** Id of the service; null for what is asked once for all. */
  readonly service: string | null;
}

/** What goes into the texts of aliases. Numbers only: everything else travels as a variable. */
export interface Grain {
  readonly usageSeconds: number;
  readonly edgeSeconds: number;
  readonly logRows: number;
}

/**
 * Complexity that Railway counts against one request. Measured by others for metrics, logs, statuses and durations, guessed for
 * the rest; the limit of 500 is not used up, so that a guess that is too small costs nothing.
 */
const BREADTH: { readonly [feature in Feature]: number } = {
  services: 25,
  settings: 15,
  platform: 1,
  usage: 12,
  logs: 13,
  executions: 10,
  statuses: 5,
  durations: 5,
};
const BREADTH_MAX = 450;
const ALIASES_MAX = 20;

const DEPLOYMENT = "id status statusUpdatedAt createdAt deploymentStopped instances { id status }";

const TYPES: { readonly [variable: string]: string } = {
  environmentId: "String!",
  projectId: "String!",
  usageFrom: "DateTime!",
  edgeFrom: "DateTime!",
  now: "DateTime!",
  // Dates of anchored logs are texts.
  logsFrom: "String!",
  logsTo: "String!",
  logFilter: "String!",
};

/** A feature that is asked once for all services. */
export function aliasForAll(feature: Feature): Alias {
  return { name: feature, feature, service: null };
}

/** A feature of one service. `place` is the service's own, so that a name never means another one. */
export function aliasFor(feature: Feature, service: string, place: number): Alias {
  return { name: `${feature}_${place}`, feature, service };
}

/** The fewest requests that Railway's complexity allows, in the order of the aliases. */
export function split(aliases: readonly Alias[]): readonly (readonly Alias[])[] {
  const requests: Alias[][] = [];
  let breadth = Infinity;
  for (const alias of aliases) {
    const last = requests.at(-1);
    const own = BREADTH[alias.feature];
    if (last === undefined || last.length >= ALIASES_MAX || breadth + own > BREADTH_MAX) {
      requests.push([alias]);
      breadth = own;
    } else {
      last.push(alias);
      breadth += own;
    }
  }
  return requests;
}

/** One document for these aliases. The variables beside the services' ids are named in `TYPES`. */
export function pollDocument(
  aliases: readonly Alias[],
  grain: Grain,
): { readonly document: string; readonly ids: { readonly [variable: string]: string } } {
  const ids: Record<string, string> = {};
  const variableOf = (service: string | null): string => {
    if (service === null) return "";
    const known = Object.entries(ids).find(([, id]) => id === service)?.[0];
    const variable = known ?? `s${Object.keys(ids).length}`;
    ids[variable] = service;
    return `$${variable}`;
  };
  const fields = aliases
    .map(
      ({ name, feature, service }) => `  ${name}: ${textOf(feature, variableOf(service), grain)}`,
    )
    .join("\n");
  const declared = [
    ...Object.entries(TYPES).filter(([variable]) => fields.includes(`$${variable}`)),
    ...Object.keys(ids).map((variable) => [variable, "String!"]),
  ].map(([variable, type]) => `$${variable}: ${type}`);
  const head = declared.length === 0 ? "" : `(${declared.join(", ")})`;
  return { document: `query Poll${head} {\n${fields}\n}`, ids };
}

function textOf(feature: Feature, service: string, grain: Grain): string {
  const edge = `(serviceId: ${service}, environmentId: $environmentId, startDate: $edgeFrom, endDate: $now, stepSeconds: ${grain.edgeSeconds})`;
  switch (feature) {
    case "services":
      return `environment(id: $environmentId, projectId: $projectId) {
    id name
    serviceInstances(first: 100) {
      edges { node { id serviceId serviceName latestDeployment { ${DEPLOYMENT} } activeDeployments { ${DEPLOYMENT} } } }
      pageInfo { hasNextPage }
    }
  }`;
    case "settings":
      return `environment(id: $environmentId, projectId: $projectId) {
    serviceInstances(first: 100) { edges { node { serviceId numReplicas activeDeployments { id meta } } } }
  }`;
    case "platform":
      return `platformStatus { isStable incident { message status } maintenance { message status } }`;
    case "usage":
      // Once for all services: grouped by instance, because sums over replicas and generations mean nothing.
      return `metrics(projectId: $projectId, environmentId: $environmentId, startDate: $usageFrom, endDate: $now, sampleRateSeconds: ${grain.usageSeconds},
    measurements: [MEMORY_USAGE_GB, MEMORY_LIMIT_GB, CPU_USAGE, CPU_LIMIT], groupBy: [SERVICE_ID, DEPLOYMENT_ID, DEPLOYMENT_INSTANCE_ID]) {
    measurement tags { serviceId deploymentId deploymentInstanceId } values { ts value }
  }`;
    case "logs":
      return `environmentLogs(environmentId: $environmentId, filter: $logFilter, anchorDate: $logsTo, beforeDate: $logsFrom, beforeLimit: ${grain.logRows}) {
    timestamp message severity attributes { key value } tags { serviceId deploymentInstanceId }
  }`;
    case "executions":
      return `deploymentInstanceExecutions(input: { environmentId: $environmentId, serviceId: ${service} }, first: 50) {
    edges { node { id status createdAt completedAt deploymentId } }
    pageInfo { hasNextPage endCursor }
  }`;
    case "statuses":
      return `httpMetricsGroupedByStatus${edge} { statusCode samples { ts value } }`;
    case "durations":
      return `httpDurationMetrics${edge} { samples { ts p50 p90 p95 p99 } }`;
  }
}
