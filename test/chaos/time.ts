import { setImmediate as turn } from "node:timers/promises";

import type { Instant, Millis } from "../../src/domain/time.ts";

/** Ends a wait that is not needed any more. */
export type Cancel = () => void;

interface Alarm {
  readonly due: Millis;
  readonly order: number;
  readonly ring: () => void;
  isOff: boolean;
}

/** With coarser ticks every answer would come later than its deadline. */
const LATENCY_GRAIN_MS: Millis = 2_000;
/** What a library puts off to its next turn, more than once in a row (a cut body of undici), comes before time flows on. */
const TURNS = 3;
const START: Instant = Date.UTC(2026, 10, 27, 2, 0, 0);

/**
 * Time that only flows while nobody has anything left to do: when all promises rest, the next alarm rings. `elapsed` never jumps;
 * `now`, the machine's clock, does where a fault makes it.
 */
export class VirtualTime {
  elapsed: Millis = 0;
  #shift: Millis = START;
  #orders = 0;
  readonly #heap: Alarm[] = [];
  readonly #grainMs: Millis;

  /** Nothing wakes between two ticks of `grainMs`: a slow machine, and fewer turns. */
  constructor(grainMs: Millis) {
    this.#grainMs = grainMs;
  }

  now(): Instant {
    return this.#shift + this.elapsed;
  }

  jump(ms: Millis): void {
    this.#shift += ms;
  }

  /** How far the machine's clock is ahead of the true time. */
  get skew(): Millis {
    return this.#shift - START;
  }

  after(ms: Millis, ring: () => void): Cancel {
    const due = Math.ceil((this.elapsed + Math.max(0, ms)) / this.#grainMs) * this.#grainMs;
    const alarm: Alarm = { due, order: (this.#orders += 1), ring, isOff: false };
    push(this.#heap, alarm);
    return () => {
      alarm.isOff = true;
    };
  }

  sleep(ms: Millis): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** How long the other side takes to answer: nothing where a tick is longer than that. */
  latency(ms: Millis): Promise<void> {
    return this.#grainMs > LATENCY_GRAIN_MS ? Promise.resolve() : this.sleep(ms);
  }

  /** Lets time flow until so much has elapsed or `isOver`. */
  async flow(until: Millis, isOver: () => boolean = () => false): Promise<void> {
    for (;;) {
      for (let left = TURNS; left > 0; left -= 1) await turn();
      if (isOver()) return;
      while (this.#heap[0]?.isOff === true) pop(this.#heap);
      const [next] = this.#heap;
      if (next === undefined || next.due > until) break;
      this.elapsed = Math.max(this.elapsed, next.due);
      for (let due = next; due.due === next.due;) {
        pop(this.#heap);
        if (!due.isOff) due.ring();
        const [following] = this.#heap;
        if (following === undefined) break;
        due = following;
      }
    }
    this.elapsed = Math.max(this.elapsed, until);
  }
}

function isBefore(a: Alarm, b: Alarm): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

function push(heap: Alarm[], alarm: Alarm): void {
  let at = heap.length;
  heap.push(alarm);
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || !isBefore(alarm, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = alarm;
}

function pop(heap: Alarm[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const right = left + 1;
    let least = left;
    const [one, other] = [heap[left], heap[right]];
    if (one === undefined) break;
    if (other !== undefined && isBefore(other, one)) least = right;
    const child = heap[least];
    if (child === undefined || !isBefore(child, last)) break;
    heap[at] = child;
    at = least;
  }
  heap[at] = last;
}

/** One for all: making one costs a stack. */
const TOO_LATE = new DOMException("too late", "TimeoutError");

/** What of the language's own clocks the program uses, for as long as a run lasts. Returns how to put it back. */
export function takeOverClocks(time: VirtualTime): () => void {
  const before = {
    now: Date.now,
    timeout: AbortSignal.timeout.bind(AbortSignal),
    performance: performance.now.bind(performance),
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
  };
  const cancels = new WeakMap<object, Cancel>();
  Date.now = () => time.now();
  performance.now = () => time.elapsed;
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    time.after(ms, () => controller.abort(TOO_LATE));
    return controller.signal;
  };
  globalThis.setTimeout = ((run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    const handle = { unref: () => handle, ref: () => handle, hasRef: () => true };
    cancels.set(
      handle,
      time.after(ms, () => run(...args)),
    );
    return handle;
  }) as unknown as typeof setTimeout;
  globalThis.clearTimeout = ((handle: object | undefined) => {
    const cancel = typeof handle === "object" && handle !== null ? cancels.get(handle) : undefined;
    if (cancel === undefined) before.clearTimeout(handle as NodeJS.Timeout | undefined);
    else cancel();
  }) as typeof clearTimeout;
  return () => {
    Date.now = before.now;
    performance.now = before.performance;
    AbortSignal.timeout = before.timeout;
    globalThis.setTimeout = before.setTimeout;
    globalThis.clearTimeout = before.clearTimeout;
  };
}
