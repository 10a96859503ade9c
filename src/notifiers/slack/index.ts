import {
  IncomingWebhook,
  IncomingWebhookHTTPError,
  IncomingWebhookRequestError,
} from "@slack/webhook";

import type { Notice } from "../../domain/notice.ts";
import { problem } from "../../domain/problem.ts";
import { SECOND_MS, type Instant } from "../../domain/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Notifier, Sending, SendOptions } from "../../ports/notifier.ts";

const ICONS: { readonly [kind in Notice["kind"]]: string } = {
  opened: ":rotating_light:",
  "false-alarm": ":white_check_mark:",
  withheld: ":hand:",
  acted: ":arrows_counterclockwise:",
  escalated: ":sos:",
  relapsed: ":rotating_light:",
  resolved: ":white_check_mark:",
  kept: ":lock:",
  sustained: ":white_check_mark:",
  reminder: ":alarm_clock:",
  "asked-back": ":grey_question:",
  attached: ":link:",
  "undo-failed": ":sos:",
  gone: ":mag:",
  blind: ":see_no_evil:",
  seeing: ":eyes:",
  warning: ":warning:",
  "warning-over": ":white_check_mark:",
  storm: ":cyclone:",
  capped: ":raised_hand:",
  paused: ":double_vertical_bar:",
  resumed: ":arrow_forward:",
  "store-failed": ":sos:",
};

/** Slack's own limit for one section is 3,000 characters. */
const TEXT_MAX = 2_900;

/**
 * Tells through a Slack incoming webhook. The outbox retries, so the library must not. The library's `fetch` is
 * wrapped to hand in our signal and to read `Retry-After`, which it does not pass on.
 */
export function createSlack(options: {
  readonly webhook: string;
  readonly clock: Clock;
}): Notifier {
  const { webhook, clock } = options;
  return {
    kind: "slack",
    send: async (notice, sendOptions) => {
      let retryAfter: string | null = null;
      const client = new IncomingWebhook(webhook, {
        fetch: async (url, init) => {
          const response = await fetch(url, { ...init, signal: sendOptions.signal });
          retryAfter = response.headers.get("retry-after");
          return response;
        },
      });
      try {
        await client.send({ text: render(notice, sendOptions) });
        return { kind: "delivered" };
      } catch (error) {
        return explain(error, retryAfter, clock.now());
      }
    },
  };
}

/** The message as Slack shows it. Text of strangers is escaped; Slack's three characters are all it takes. */
export function render(notice: Notice, options: Pick<SendOptions, "repeat" | "skipped">): string {
  const lines = [
    `${ICONS[notice.kind]} *${escape(notice.title)}*`,
    ...notice.lines.map(escape),
    ...(options.skipped > 0
      ? [`(${options.skipped} older messages of this incident were left out.)`]
      : []),
    ...(options.repeat
      ? ["(Repeat: I was interrupted and cannot tell whether you have this already.)"]
      : []),
  ];
  const text = lines.join("\n");
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}…`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Decided by the answer: only a message that is wrong itself never gets better, silence may have arrived. */
function explain(error: unknown, retryAfter: string | null, now: Instant): Sending {
  if (!(error instanceof IncomingWebhookHTTPError)) {
    const cause = error instanceof Error ? (rootOf(error) as NodeJS.ErrnoException) : null;
    const detail = withoutUrl(cause?.message ?? String(error));
    return {
      kind: "retry",
      problem: problem("slack-unreachable", detail),
      certain: NOT_SENT.includes(cause?.code ?? ""),
    };
  }
  const { statusCode } = error;
  if (statusCode === 429) {
    const seconds = Number(retryAfter ?? 1);
    const waitMs = Math.max(1, Number.isFinite(seconds) ? seconds : 1) * SECOND_MS;
    return {
      kind: "retry",
      problem: problem("slack-rate-limited", undefined, now + waitMs),
      certain: true,
    };
  }
  const detail = `Slack answered ${statusCode}`;
  // 400 and 413 are about this message; 403, 404 and 410 are about the channel or the webhook, which people repair.
  return statusCode >= 500 || ![400, 413].includes(statusCode)
    ? { kind: "retry", problem: problem("slack-unreachable", detail), certain: true }
    : { kind: "refused", problem: problem("slack-refused", detail) };
}

/** With these the request never left. */
const NOT_SENT = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"];

function rootOf(error: Error): Error {
  let root = error;
  for (let depth = 0; depth < 5; depth += 1) {
    const next = root instanceof IncomingWebhookRequestError ? root.original : root.cause;
    if (!(next instanceof Error)) return root;
    root = next;
  }
  return root;
}

/** A webhook's address is its password. */
function withoutUrl(text: string): string {
  return text.replaceAll(/https?:\/\/\S+/g, "(webhook)");
}
