import { z } from "zod";

import { problem } from "../../domain/problem.ts";
import type { Millis } from "../../domain/time.ts";
import type { Clock } from "../../ports/clock.ts";
import { databaseOf, loginOf, open } from "../../probes/redis/connection.ts";
import { isAnswer } from "../../probes/redis/problems.ts";
import type { Driver, DriverRead, DriverResult } from "./driver.ts";

export interface RedisParts {
  /** Holds a password: never shown. */
  readonly url: string;
  readonly key: string;
  readonly clock: Clock;
}

/** One connection, one question: whoever hangs costs no more than this. */
const DEADLINE_MS: Millis = 3_000;
const TEXT_MAX = 300;

/**
 * Only a larger number is taken, in one step at the server. What stands there and is no order of ours is written over; that an old
 * order comes after its key has gone does not matter, because it ends before every later one.
 */
const SET = `local held = redis.call('GET', KEYS[1])
if held then
  local ok, order = pcall(cjson.decode, held)
  if ok and type(order) == 'table' and type(order.seq) == 'number' and order.seq >= tonumber(ARGV[2]) then
    return 'stale'
  end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 'done'`;
/** An absent key as an empty text. */
const GET = "return redis.call('GET', KEYS[1]) or ''";

const Order = z.object({
  switch: z.string(),
  value: z.boolean(),
  until: z.number(),
  leaseId: z.string(),
  seq: z.number(),
  message: z.string(),
});

/** A key that the app reads: the order as JSON, gone by itself at its end. */
export function createRedisDriver({ url, key, clock }: RedisParts): Driver {
  return {
    kind: "redis",
    set: async (wanted, signal): Promise<DriverResult> => {
      const leftMs = Math.ceil(wanted.until - clock.now());
      if (leftMs <= 0)
        return { kind: "refused", problem: problem("switch-refused", "its end is over") };
      const words = [JSON.stringify(wanted), String(wanted.seq), String(leftMs)];
      const asked = await ask(url, ["eval", SET, "1", key, ...words], signal);
      if (asked.kind === "failed") {
        const { detail } = asked;
        // An error in Redis's own words came instead of the write.
        return asked.isAnswer
          ? { kind: "refused", problem: problem("switch-refused", detail) }
          : { kind: "unclear", problem: problem("switch-unreachable", detail) };
      }
      if (asked.text === "done") return { kind: "done" };
      const detail = "a newer order stands there";
      return { kind: "refused", problem: problem("switch-refused", detail) };
    },
    read: async (name, signal): Promise<DriverRead> => {
      const asked = await ask(url, ["eval", GET, "1", key], signal);
      if (asked.kind === "failed")
        return { kind: "silent", problem: problem("switch-unreachable", asked.detail) };
      if (asked.text === "") return { kind: "read", state: null };
      const order = Order.safeParse(parse(asked.text));
      if (!order.success || order.data.switch !== name) {
        const detail = `what stands at ${key} is no order for ${name}`;
        return { kind: "silent", problem: problem("switch-unreachable", detail) };
      }
      const { switch: _, ...state } = order.data;
      return { kind: "read", state: state.until <= clock.now() ? null : state };
    },
  };
}

type Asked =
  | { readonly kind: "answered"; readonly text: string }
  | { readonly kind: "failed"; readonly detail: string; readonly isAnswer: boolean };

async function ask(
  url: string,
  question: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<Asked> {
  const login = loginOf(url);
  const database = databaseOf(url);
  const before = [
    ...(login === null ? [] : [login]),
    ...(database === null ? [] : [["select", database] as const]),
  ];
  const connection = open(url, [...before, question]);
  const either = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
  const cut = (): void => connection.destroy();
  either.addEventListener("abort", cut, { once: true });
  if (either.aborted) cut();
  let answers: readonly Promise<string>[] = [];
  try {
    await connection.ready;
    answers = connection.ask();
    // In the order of the questions: a door that is shut, or another database, must not be answered for.
    let text = "";
    for (const answer of answers) text = await answer;
    return { kind: "answered", text };
  } catch (error) {
    const why = isAnswer(error) ? error : (connection.failure() ?? error);
    const detail = why instanceof Error ? why.message : String(why);
    // All are sent at once, so what came after a refused login or database may have been carried out all the same.
    const isSure = isAnswer(error) && (await isRefused(answers.at(-1)));
    return { kind: "failed", detail: detail.slice(0, TEXT_MAX), isAnswer: isSure };
  } finally {
    either.removeEventListener("abort", cut);
    connection.destroy();
  }
}

/** Whether Redis itself said no to it. */
async function isRefused(answer: Promise<string> | undefined): Promise<boolean> {
  return (await answer?.then(() => false, isAnswer)) === true;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
