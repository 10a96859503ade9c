import { Agent, type Dispatcher } from "undici";

import type { JsonObject } from "../domain/json.ts";
import { problem, type Problem } from "../domain/problem.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";
import { momentOf, type Budget, type Purpose } from "./budget.ts";
import { classify, isDeploymentLimit, plain } from "./classify.ts";
import { exchange, type Exchange } from "./exchange.ts";
import { failure, type Result } from "./result.ts";
import { GraphqlAnswer } from "./schema.ts";

const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
const CONNECT_MS_MAX: Millis = 5_000;

/** What a call needs besides its arguments. `purpose: "act"` may use the reserve of the budget. */
export interface Call {
  readonly signal: AbortSignal;
  readonly purpose: Purpose;
}

/** An answer of Railway's GraphQL: data, errors, or some of both. */
export interface Reply {
  readonly data: { readonly [field: string]: unknown } | null;
  readonly errors: readonly Refusal[];
  /** HTTP said 5xx although the body was GraphQL: what it says of a mutation cannot be trusted. */
  readonly doubtful: boolean;
}

export interface Refusal {
  readonly problem: Problem;
  /** The answer's name of the root field the error is about, where the server said. */
  readonly part: string | null;
}

export interface Graphql {
  query(document: string, variables: Variables, call: Call): Promise<Result<Reply>>;
  /** Sent once, on a connection of its own. */
  mutate(document: string, variables: Variables, call: Call): Promise<Result<Reply>>;
  /** For requests beside GraphQL on the same terms: shared connections, never throws. */
  get(url: string, signal: AbortSignal): Promise<Exchange>;
  close(): Promise<void>;
}

export type Variables = JsonObject;

export interface GraphqlOptions {
  readonly endpoint: string;
  readonly token: { readonly kind: "project" | "bearer"; readonly value: string };
  readonly userAgent: string;
  readonly clock: Clock;
  readonly budget: Budget;
  readonly queryDeadlineMs: Millis;
  readonly mutationDeadlineMs: Millis;
  /** Makes what carries requests; undici's own agent when left out. */
  readonly agent?: OpenAgent;
}

/** Makes what carries requests: a test that has no network puts its own in the place of undici's. */
export type OpenAgent = (options: Agent.Options) => Dispatcher;

/** Speaks GraphQL over HTTP with Railway's ways of failing turned into values. The token stays inside. */
export function createGraphql(options: GraphqlOptions): Graphql {
  const { clock, budget, token } = options;
  const open = options.agent ?? ((how) => new Agent(how));
  const connect = { timeout: CONNECT_MS_MAX };
  const shared = open({ connections: 4, allowH2: false, connect });
  // A kept connection can be dead without our knowing, which would make a refused mutation look like a lost
  // one. On a fresh connection "not connected" is proof that nothing happened. (0 turns keep-alive off.)
  const fresh = open({ pipelining: 0, allowH2: false, connect });
  const headers = {
    "content-type": "application/json",
    accept: "application/json",
    "user-agent": options.userAgent,
    ...(token.kind === "project"
      ? { "project-access-token": token.value }
      : { authorization: `Bearer ${token.value}` }),
  };

  async function send(document: string, variables: Variables, call: Call, mutation: boolean) {
    const refused = call.signal.aborted
      ? problem("railway-unreachable", "ended by Signalman before it was sent")
      : budget.take(call.purpose, clock.now());
    if (refused !== null) return { refused };
    const operationName = /(?:query|mutation) (\w+)/.exec(document)?.[1] ?? "";
    const url = new URL(options.endpoint);
    url.searchParams.set("operationName", operationName);
    const came = await exchange({
      dispatcher: mutation ? fresh : shared,
      url: url.href,
      method: "POST",
      headers,
      body: JSON.stringify({ query: document, variables, operationName }),
      signal: call.signal,
      deadlineMs: mutation ? options.mutationDeadlineMs : options.queryDeadlineMs,
      bytesMax: ANSWER_BYTES_MAX,
    });
    if (came.kind === "answer") budget.learn(came.headers, clock.now());
    return { came };
  }

  function hide(result: Result<Reply>): Result<Reply> {
    if (result.ok) {
      const errors = result.value.errors.map((error) => ({
        ...error,
        problem: withoutToken(error.problem, token.value),
      }));
      return { ok: true, value: { ...result.value, errors } };
    }
    return { ...result, problem: withoutToken(result.problem, token.value) };
  }

  return {
    async query(document, variables, call) {
      let step = await send(document, variables, call, false);
      if (step.came !== undefined && isWorthRetrying(step.came) && !call.signal.aborted) {
        const again = await send(document, variables, call, false);
        if (again.came !== undefined) step = again;
      }
      if (step.came === undefined) return failure(step.refused);
      const result = interpret(step.came, budget, clock.now());
      return hide(result.ok ? result : failure(result.problem));
    },
    async mutate(document, variables, call) {
      const step = await send(document, variables, call, true);
      if (step.came === undefined) return failure(step.refused);
      return hide(interpret(step.came, budget, clock.now()));
    },
    get: (url, signal) =>
      exchange({
        dispatcher: shared,
        url,
        method: "GET",
        headers: { accept: "application/json", "user-agent": options.userAgent },
        signal,
        deadlineMs: options.queryDeadlineMs,
        bytesMax: ANSWER_BYTES_MAX,
      }),
    async close() {
      await Promise.all([shared.destroy(), fresh.destroy()]);
    },
  };
}

/** A lost connection or a gateway's word; not a deadline, which has used up the time already. */
function isWorthRetrying(came: Exchange): boolean {
  if (came.kind === "answer") return came.status >= 502 && came.status <= 504;
  return came.kind === "silence" && !came.late;
}

/** Reads an answer. `ambiguous` is set as if it answered a mutation. */
function interpret(came: Exchange, budget: Budget, now: Instant): Result<Reply> {
  if (came.kind !== "answer") {
    const code = came.kind === "oversize" ? "railway-unreadable" : "railway-unreachable";
    return failure(problem(code, came.detail), came.sent);
  }
  if (came.status === 429) {
    const named =
      momentOf(came.headers["retry-after"], now) ??
      momentOf(came.headers["x-ratelimit-reset"], now);
    const retryAt = budget.block(named, now);
    return failure(problem("railway-rate-limited", "HTTP 429", retryAt));
  }
  const answer = parse(came.text);
  if (answer === null) return unreadable(came.status, came.text);
  const errors = (answer.errors ?? []).map((error) => {
    const part = error.path?.[0];
    const why = classify(error, now);
    if (why.code !== "railway-rate-limited" || isDeploymentLimit(error)) {
      return { problem: why, part: typeof part === "string" ? part : null };
    }
    return { problem: { ...why, retryAt: budget.block(why.retryAt, now) }, part: null };
  });
  const data = answer.data ?? null;
  return { ok: true, value: { data, errors, doubtful: came.status >= 500 } };
}

function parse(text: string): GraphqlAnswer | null {
  try {
    const answer = GraphqlAnswer.safeParse(JSON.parse(text));
    return answer.success ? answer.data : null;
  } catch {
    return null;
  }
}

function unreadable(status: number, text: string): Result<Reply> {
  const detail = `HTTP ${status}: ${plain(text.replaceAll(/<[^>]{0,500}>/g, " "), 120) || "empty"}`;
  // Who is not known was not served. A 403 may come from an edge that says one thing and did another.
  if (status === 401) return failure(problem("railway-bad-token", detail));
  return failure(
    problem(status >= 500 ? "railway-unreachable" : "railway-unreadable", detail),
    true,
  );
}

function withoutToken(found: Problem, token: string): Problem {
  return { ...found, detail: found.detail.replaceAll(token, "[token]") };
}
