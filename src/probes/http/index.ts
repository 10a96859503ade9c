import assert from "node:assert/strict";

import { Agent, request } from "undici";
import type { z } from "zod";

import { problem, type ProblemCode } from "../../domain/problem.ts";
import { MINUTE_MS, type Millis } from "../../domain/time.ts";
import { define, type Setting } from "../definition.ts";
import { looking, short, type Finding } from "../looking.ts";
import { byNetwork } from "../network.ts";
import { connecting } from "./certificate.ts";
import { readBody } from "../body.ts";
import { Config } from "./config.ts";
import { unmet, type Answer } from "./expect.ts";

const BODY_BYTES_MAX = 256 * 1024;
const KEPT_MS_MAX: Millis = 10 * MINUTE_MS;

/** Asks the app over HTTP: 1 when status and conditions hold, 0 when the app answers otherwise or not at all. */
export const definition = define({
  kind: "http",
  Config,
  example: { kind: "http", path: "/health" },
  opens: "service-down",
  nameOf: ({ path }) => {
    // What stands behind the question mark may be a token, and a name is shown everywhere.
    const page = path?.split(/[?#]/, 1)[0];
    return page === undefined ? "http" : `http ${page}`;
  },
  create(setting) {
    const { config, target, name } = setting;
    const url = urlOf(setting);
    const now = setting.now ?? Date.now;
    const connection = connecting(config.timeout);
    const agent = new Agent({
      connections: 2,
      // A connection that is kept for ever would show the certificate of its first day.
      clientTtl: KEPT_MS_MAX,
      connect: connection.connect,
    });
    return looking({
      target,
      name,
      kind: "http",
      timeoutMs: config.timeout,
      now,
      find: async (signal) => {
        const finding = await ask({ agent, url, config, signal });
        return isAnswer(finding) ? { ...finding, details: connection.detailsAt(now()) } : finding;
      },
      close: () => agent.destroy(),
    });
  },
});

interface Question {
  readonly agent: Agent;
  readonly url: string;
  readonly config: z.infer<typeof Config>;
  readonly signal: AbortSignal;
}

/** A path is joined to the target's url, so that a base path of it stays. */
function urlOf({ config, baseUrl, target }: Setting<z.infer<typeof Config>>): string {
  if (config.url !== undefined) return config.url;
  assert(baseUrl !== undefined, `target ${target} has no url to join "${config.path}" to`);
  return `${baseUrl.replace(/\/+$/, "")}${config.path}`;
}

/** A kept connection may have been closed by the other side at this very moment: one more try tells. */
async function ask(question: Question): Promise<Finding> {
  const first = await tryOnce(question);
  const isCut = first.value === 0 && first.problem.code === "connection-reset";
  if (!isCut || question.config.method === "POST" || question.signal.aborted) return first;
  return tryOnce(question);
}

async function tryOnce({ agent, url, config, signal }: Question): Promise<Finding> {
  try {
    const answer = await request(url, {
      dispatcher: agent,
      method: config.method,
      headers: { "user-agent": "signalman", "accept-encoding": "identity", ...config.headers },
      signal,
    });
    const body = await readBody(answer.body, BODY_BYTES_MAX);
    const switched = answer.headers["x-signalman-switch"];
    if (switched !== undefined) {
      const detail = `HTTP ${answer.statusCode} because of the switch ${short(String(switched))}`;
      return { value: null, problem: problem("refused-by-switch", detail) };
    }
    const { location, "content-encoding": encoding } = answer.headers;
    const seen: Answer = {
      status: answer.statusCode,
      location: location === undefined ? null : String(location),
      encoding: encoding === undefined ? null : String(encoding),
      body,
    };
    return unmet(config.expect, seen) ?? { value: 1 };
  } catch (error) {
    const finding = byNetwork(error);
    if (finding === null) throw error;
    return finding;
  }
}

/** Whether the app itself spoke, over a connection whose certificate we have seen. */
function isAnswer(finding: Finding): boolean {
  return finding.value === 1 || ANSWERS.includes(finding.problem.code);
}

const ANSWERS: readonly ProblemCode[] = [
  "unexpected-status",
  "unexpected-body",
  "body-too-large",
  "refused-by-switch",
];
