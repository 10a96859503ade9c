import { request } from "undici";

/** An answer of the twin or its API, read to the end. */
export type Answer = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  ms: number;
};

const DEADLINE_MS = 10_000;

/** Asks over HTTP, for tests: JSON in, the whole answer out. Throws when there is none. */
export async function ask(
  url: string,
  options: {
    method?: "GET" | "POST" | "PUT" | "DELETE";
    body?: unknown;
    headers?: Record<string, string>;
  } = {},
): Promise<Answer> {
  const started = performance.now();
  const body = typeof options.body === "string" ? options.body : JSON.stringify(options.body);
  const answer = await request(url, {
    method: options.method ?? (options.body === undefined ? "GET" : "POST"),
    headers: {
      ...(options.body === undefined ? {} : { "content-type": "application/json" }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body }),
    // Each request on a connection of its own: a cut one must not spoil the next.
    reset: true,
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  const text = await answer.body.text();
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text,
    ms: performance.now() - started,
  };
}

/** An answer of the GraphQL endpoint. */
export type GraphqlAnswer = {
  status: number;
  headers: Answer["headers"];
  data: unknown;
  errors: { message: string; extensions: unknown; traceId: string }[] | undefined;
};

/** Asks the twin's GraphQL endpoint with its project token, or with other headers. */
export async function askGraphql(
  env: Record<string, string>,
  query: string,
  variables: Record<string, unknown> = {},
  headers?: Record<string, string>,
): Promise<GraphqlAnswer> {
  const answer = await ask(env["RAILWAY_GRAPHQL_ENDPOINT"] ?? "", {
    body: { query, variables },
    headers: headers ?? { "project-access-token": env["RAILWAY_TOKEN"] ?? "" },
  });
  return { status: answer.status, headers: answer.headers, ...JSON.parse(answer.text) };
}

/** What lies at a path like `deployment.instances.0.id`; undefined when there is nothing. */
export function at(tree: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((node, key) => {
    if (typeof node !== "object" || node === null) return undefined;
    return new Map(Object.entries(node)).get(key);
  }, tree);
}
