import type { Millis } from "../../src/domain/time.ts";
import type { VirtualTime } from "./time.ts";

/** How one message to Slack goes wrong. `lost`: it is shown, and the answer does not come back. */
export type SlackMishap = "429" | "500" | "hang" | "lost" | "refused";

export interface Slack {
  /** What people see in the channel, in order. */
  readonly shown: readonly { readonly at: Millis; readonly text: string }[];
  /** Takes one message; ends with the signal. */
  post(text: string, signal: AbortSignal | null | undefined): Promise<Response>;
}

export function createSlack(
  time: VirtualTime,
  mishap: () => SlackMishap | null,
  onShown: (text: string) => void,
): Slack {
  const shown: { readonly at: Millis; readonly text: string }[] = [];
  const show = (text: string): void => {
    shown.push({ at: time.elapsed, text });
    onShown(text);
  };
  return {
    shown,
    async post(text, signal) {
      const wrong = mishap();
      await time.latency(150);
      signal?.throwIfAborted();
      switch (wrong) {
        case "429":
          return new Response("rate_limited", { status: 429, headers: { "retry-after": "7" } });
        case "500":
          return new Response("server_error", { status: 500 });
        case "refused": {
          const cause = Object.assign(new Error("ECONNREFUSED"), { code: "ECONNREFUSED" });
          throw new TypeError("fetch failed", { cause });
        }
        case "lost":
          show(text);
          throw new TypeError("fetch failed", {
            cause: Object.assign(new Error("ECONNRESET"), { code: "ECONNRESET" }),
          });
        case "hang":
          return new Promise((_resolve, reject) =>
            signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true }),
          );
        case null:
          show(text);
          return new Response("ok", { status: 200 });
      }
    },
  };
}
