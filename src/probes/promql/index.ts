import { Agent, request } from "undici";

import type { NumericSignal } from "../../domain/observation.ts";
import { problem } from "../../domain/problem.ts";
import { MINUTE_MS, SECOND_MS, type Instant, type Millis } from "../../domain/time.ts";
import { readBody } from "../body.ts";
import { define } from "../definition.ts";
import { timeout } from "../looking.ts";
import { measuring, type Measured } from "../measuring.ts";
import { byNetwork } from "../network.ts";
import { readAnswer, type Answered } from "./answer.ts";
import { Config } from "./config.ts";

/** Asks a Prometheus that is there already: one query for each signal. */
export const definition = define({
  kind: "promql",
  Config,
  example: {
    kind: "promql",
    url: "http://localhost:9090",
    signals: { requests: "sum(increase(http_requests_total[$every]))" },
  },
  opens: null,
  measures: ["requests", "memory"],
  nameOf: () => "promql",
  create({ config, target, name, now = Date.now }) {
    const queries = Object.entries(config.signals) as [NumericSignal, string][];
    const agent = new Agent({ connections: CONNECTIONS_MAX, allowH2: false });
    const ageMsMax = Math.max(2 * MINUTE_MS, 3 * config.every);
    return measuring({
      target,
      name,
      kind: "promql",
      timeoutMs: config.timeout,
      now,
      signals: queries.map(([signal]) => signal),
      find: (signal) => askAll(queries, { agent, config, signal, now, ageMsMax }),
      close: () => agent.destroy(),
    });
  },
});

const CONNECTIONS_MAX = 8;
const ANSWER_BYTES_MAX = 256 * 1024;

interface Question {
  readonly agent: Agent;
  readonly config: Config;
  readonly signal: AbortSignal;
  readonly now: () => Instant;
  readonly ageMsMax: Millis;
}

async function askAll(
  queries: readonly (readonly [NumericSignal, string])[],
  question: Question,
): Promise<Measured> {
  const answers = await Promise.all(
    queries.map(async ([name, query]) => ({ name, answered: await askInTime(query, question) })),
  );
  const values = answers.map(({ name, answered }) => [
    name,
    "value" in answered ? answered.value : null,
  ]);
  const [first] = answers.flatMap(({ name, answered }) =>
    "problem" in answered ? [{ name, problem: answered.problem }] : [],
  );
  return {
    values: Object.fromEntries(values),
    ...(first === undefined
      ? {}
      : { problem: problem(first.problem.code, `${first.name}: ${first.problem.detail}`) }),
  };
}

/** A query that hangs must not take the answers of the others with it: its time ends a little before the look's. */
async function askInTime(query: string, question: Question): Promise<Answered> {
  const limitMs = Math.floor(0.9 * question.config.timeout);
  const limit = AbortSignal.timeout(limitMs);
  try {
    return await ask(query, { ...question, signal: AbortSignal.any([question.signal, limit]) });
  } catch (error) {
    if (!question.signal.aborted && limit.aborted) return { problem: timeout(limitMs) };
    const finding = byNetwork(error);
    if (finding === null) throw error;
    return { problem: finding.problem };
  }
}

async function ask(query: string, { agent, config, signal, now, ageMsMax }: Question) {
  const seconds = `${Math.max(1, Math.round(config.every / SECOND_MS))}s`;
  const answer = await request(`${config.url.replace(/\/+$/, "")}/api/v1/query`, {
    dispatcher: agent,
    query: { query: query.replaceAll("$every", seconds) },
    headers: { "user-agent": "signalman", accept: "application/json", ...config.headers },
    // A kept connection may be closed by the other side just when it is used again.
    reset: true,
    signal,
  });
  const body = await readBody(answer.body, ANSWER_BYTES_MAX);
  if (!body.whole) {
    const detail = `an answer of more than ${ANSWER_BYTES_MAX >> 10} KiB: the query must aggregate`;
    return { problem: problem("body-too-large", detail) };
  }
  return readAnswer(answer.statusCode, Buffer.from(body.bytes).toString("utf8"), now(), ageMsMax);
}
