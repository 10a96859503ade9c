import { createHmac } from "node:crypto";

import { request, type Dispatcher } from "undici";
import { z } from "zod";

import { problem } from "../../domain/problem.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Driver, DriverRead, DriverResult } from "./driver.ts";

export interface ControlParts {
  readonly url: string;
  readonly secret: string;
  readonly clock: Clock;
  readonly agent: Dispatcher;
}

const BODY_MAX = 64 * 1024;

const State = z.object({
  value: z.boolean(),
  until: z.number(),
  leaseId: z.string(),
  seq: z.number(),
  message: z.string(),
});
const States = z.object({ switches: z.record(z.string(), State.nullable()) });

/**
 * The app's own control endpoint: signed with HMAC-SHA256 over timestamp, method, path and body, so that
 * nobody else can make the app read-only, and an old request cannot be played again.
 */
export function createControl(parts: ControlParts): Driver {
  return {
    kind: "control",
    set: async (wanted, signal): Promise<DriverResult> => {
      const body = JSON.stringify(wanted);
      const answer = await send(parts, "PUT", body, signal);
      if ("kind" in answer) return answer;
      if (answer.status === 200) return { kind: "done" };
      const detail = `the app answered ${answer.status}: ${answer.text.slice(0, 200)}`;
      // 5xx and gateways may have passed it on; a clear no comes as 4xx.
      return answer.status >= 500
        ? { kind: "unclear", problem: problem("switch-unreachable", detail) }
        : { kind: "refused", problem: problem("switch-refused", detail) };
    },
    read: async (name, signal): Promise<DriverRead> => {
      const answer = await send(parts, "GET", "", signal);
      if ("kind" in answer) return { kind: "silent", problem: answer.problem };
      const states = answer.status === 200 ? States.safeParse(parse(answer.text)) : null;
      if (states === null || !states.success) {
        return {
          kind: "silent",
          problem: problem("switch-unreachable", `the app answered ${answer.status}`),
        };
      }
      return { kind: "read", state: states.data.switches[name] ?? null };
    },
  };
}

/** The signature header's value; the contract stands in docs/reference/switches.md. */
export function sign(
  secret: string,
  timestamp: number,
  method: string,
  path: string,
  body: string,
): string {
  const mac = createHmac("sha256", secret)
    .update(`${timestamp}\n${method}\n${path}\n${body}`)
    .digest("hex");
  return `sha256=${mac}`;
}

async function send(
  parts: ControlParts,
  method: "PUT" | "GET",
  body: string,
  signal: AbortSignal,
): Promise<
  { readonly status: number; readonly text: string } | (DriverResult & { readonly kind: "unclear" })
> {
  const timestamp = parts.clock.now();
  try {
    const answer = await request(parts.url, {
      method,
      dispatcher: parts.agent,
      signal,
      headers: {
        "x-signalman-timestamp": String(timestamp),
        "x-signalman-signature": sign(
          parts.secret,
          timestamp,
          method,
          new URL(parts.url).pathname,
          body,
        ),
        ...(method === "PUT" ? { "content-type": "application/json" } : {}),
      },
      ...(method === "PUT" ? { body } : {}),
    });
    let text = "";
    for await (const chunk of answer.body.setEncoding("utf8")) {
      text += String(chunk);
      if (text.length > BODY_MAX) throw new Error("the answer is too large");
    }
    return { status: answer.statusCode, text };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { kind: "unclear", problem: problem("switch-unreachable", detail) };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
