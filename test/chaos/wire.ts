import { Dispatcher } from "undici";

/** A request as the other side gets it. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/** What comes back. `silence`: nothing ever; `reset`: the connection is cut. */
export type Said =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: { readonly [name: string]: string };
      readonly body: string;
    }
  | { readonly kind: "silence" }
  | { readonly kind: "refused" | "reset" };

/** The network of a simulation: undici's interface, behind which a function answers instead of a socket. */
export class Wire extends Dispatcher {
  readonly #carry: (asked: Asked) => Promise<Said>;

  constructor(carry: (asked: Asked) => Promise<Said>) {
    super();
    this.#carry = carry;
  }

  override dispatch(
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): boolean {
    const controller = createController(handler);
    void this.#exchange(options, handler, controller);
    return true;
  }

  async #exchange(
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
    controller: Controller,
  ): Promise<void> {
    // A real connection is never there in the same moment.
    await Promise.resolve();
    handler.onRequestStart?.(controller, null);
    if (controller.aborted) return;
    const said = await this.#carry({
      method: options.method,
      url: new URL(options.path, String(options.origin)),
      headers: Object.fromEntries(
        Object.entries((options.headers ?? {}) as { [name: string]: unknown }).map(
          ([name, value]) => [name.toLowerCase(), String(value)],
        ),
      ),
      body: typeof options.body === "string" ? options.body : "",
    });
    if (controller.aborted || said.kind === "silence") return;
    if (said.kind !== "answer") return controller.abort(cut(said.kind));
    handler.onResponseStart?.(controller, said.status, { ...said.headers }, "");
    if (said.body !== "") handler.onResponseData?.(controller, Buffer.from(said.body));
    handler.onResponseEnd?.(controller, {});
  }

  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | void {
    if (callback === undefined) return Promise.resolve();
    callback();
  }

  override destroy(): Promise<void>;
  override destroy(error: Error | null): Promise<void>;
  override destroy(callback: () => void): void;
  override destroy(error: Error | null, callback: () => void): void;
  override destroy(first?: Error | null | (() => void), second?: () => void): Promise<void> | void {
    const callback = typeof first === "function" ? first : second;
    if (callback === undefined) return Promise.resolve();
    callback();
  }
}

type Controller = Dispatcher.DispatchController;

function createController(handler: Dispatcher.DispatchHandler): Controller {
  let aborted = false;
  let reason: Error | null = null;
  const controller: Controller = {
    get aborted() {
      return aborted;
    },
    get reason() {
      return reason;
    },
    paused: false,
    rawHeaders: null,
    rawTrailers: null,
    pause: () => {},
    resume: () => {},
    abort: (why: Error) => {
      if (aborted) return;
      aborted = true;
      reason = why;
      handler.onResponseError?.(controller, why);
    },
  };
  return controller;
}

function cut(kind: "refused" | "reset"): Error {
  const code = kind === "refused" ? "ECONNREFUSED" : "ECONNRESET";
  return Object.assign(new Error(`${code}: the simulation`), { code });
}
