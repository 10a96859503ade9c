import { request, type Dispatcher } from "undici";

import { plain } from "./classify.ts";

/** What came over the wire. `sent`: the request had begun to leave, so the other side may have acted on it. */
export type Exchange =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      readonly text: string;
    }
  | {
      readonly kind: "silence" | "oversize";
      readonly sent: boolean;
      readonly late: boolean;
      readonly detail: string;
    };

export interface Letter {
  readonly dispatcher: Dispatcher;
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers: { readonly [name: string]: string };
  readonly body?: string;
  /** The caller's. The deadline below is added to it. */
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
  readonly bytesMax: number;
}

/** One HTTP request and its whole answer within one deadline. Never throws; redirects are answers. */
export async function exchange(letter: Letter): Promise<Exchange> {
  const deadline = AbortSignal.timeout(letter.deadlineMs);
  const signal = AbortSignal.any([letter.signal, deadline]);
  let sent = false;
  try {
    const asked = request(letter.url, {
      dispatcher: letter.dispatcher.compose(noting(() => (sent = true))),
      method: letter.method,
      headers: { ...letter.headers },
      body: letter.body ?? null,
      signal,
    });
    // undici hears the signal only once it is connected; then it sends nothing any more.
    const response = await Promise.race([asked, rejectedBy(signal)]);
    const text = await read(response.body, letter.bytesMax);
    if (text === null) {
      const detail = `HTTP ${response.statusCode} with more than ${letter.bytesMax} bytes`;
      return { kind: "oversize", sent, late: false, detail };
    }
    return { kind: "answer", status: response.statusCode, headers: response.headers, text };
  } catch (error) {
    const late = deadline.aborted && !letter.signal.aborted;
    const detail = late
      ? `no answer within ${letter.deadlineMs} ms`
      : letter.signal.aborted
        ? "ended by Signalman before an answer came"
        : wordsOf(error);
    return { kind: "silence", sent, late, detail };
  }
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
  });
}

/** Notes the moment the first byte is about to leave; before it nothing can have been acted on. */
function noting(note: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart(controller, context) {
        note();
        handler.onRequestStart?.(controller, context);
      },
      onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (...args) => handler.onResponseError?.(...args),
    });
}

async function read(
  body: AsyncIterable<Uint8Array> & { destroy(): unknown },
  bytesMax: number,
): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      body.destroy();
      return null;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return plain(String(error));
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  const message = error.message === "" && inner instanceof Error ? inner.message : error.message;
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return plain(message.includes(code) ? message : `${code}: ${message}`);
}
