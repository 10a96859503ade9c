import type { z } from "zod";

import { hearsayProbe } from "../../domain/hint.ts";
import { problem } from "../../domain/problem.ts";
import { spell, type Instant } from "../../domain/time.ts";
import type { Calls } from "../../ports/calls.ts";
import { define } from "../definition.ts";
import { looking, type Finding } from "../looking.ts";
import { Config } from "./config.ts";

/** Something must call in: 1 while the last call is young enough, 0 when it is overdue or said itself that it failed. */
export const definition = define({
  kind: "heartbeat",
  Config,
  example: { kind: "heartbeat", expectEvery: "1h", secret: "0123456789abcdef" },
  opens: "unclassified",
  // One look is enough: it does not ask over a network that may lose an answer.
  counts: { openAfter: 1, closeAfter: 1 },
  listens: true,
  nameOf: () => hearsayProbe("heartbeat"),
  create({ config, target, name, now = Date.now, calls }) {
    return looking({
      target,
      name,
      kind: "heartbeat",
      timeoutMs: config.timeout,
      now,
      find: () => Promise.resolve(judge(config, calls, { target, name, now: now() })),
      close: () => Promise.resolve(),
    });
  },
});

/** Before a call may be called late, one whole interval must have passed in which it would have been heard. */
function judge(
  { expectEvery, grace }: z.infer<typeof Config>,
  calls: Calls | undefined,
  { target, name, now }: { target: string; name: string; now: Instant },
): Finding {
  if (calls === undefined)
    return { value: null, problem: problem("not-configured", "nothing could call in here") };
  const within = expectEvery + grace;
  const last = calls.last(target, name);
  const expected = `expected every ${spell(expectEvery)}`;
  const isLate = now - calls.since > within;
  if (last === null) {
    const detail = `nobody has called in yet; ${expected}`;
    return { value: null, problem: problem(isLate ? "never-called" : "call-awaited", detail) };
  }
  const ago = `${spell(Math.max(0, now - last.at))} ago`;
  if (last.failed)
    return { value: 0, problem: problem("call-failed", `the call ${ago} said that it failed`) };
  if (now - last.at <= within) return { value: 1 };
  if (!isLate) {
    const detail = `the last call was ${ago}, and I have not listened long enough since my start`;
    return { value: null, problem: problem("call-awaited", detail) };
  }
  return { value: 0, problem: problem("call-overdue", `the last call was ${ago}, ${expected}`) };
}
