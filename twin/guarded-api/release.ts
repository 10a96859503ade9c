import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Settings } from "./settings.ts";

const UNTOUCHED = ["/health", "/metrics", "/_signalman"];
const LEAK_EVERY_MS = 100;
/** Long, so that a busy machine, which lets requests through in bunches, does not fill the places by itself. */
const WORK_MS = 1_250;

/** What `RELEASE_RATE` means for each kind of release, when it is not given. */
const RATES = {
  good: 0,
  /** Bytes kept for ever, per second. */
  leaky: 8_000_000,
  /** How many times as long an answer takes. */
  slow: 3,
  /** The share of requests that fail. */
  errors: 0.05,
  "crash-at-start": 0,
  /** Requests in one second that are survived. */
  "crash-under-load": 20,
  /** Requests worked on at once; the next one gives up. */
  narrow: 30,
} as const satisfies Record<Settings["RELEASE_BEHAVIOUR"], number>;

/** Makes this process behave as the release it was started as: the faults of bad releases are real ones. */
export function addRelease(app: FastifyInstance, settings: Settings): void {
  const behaviour = settings.RELEASE_BEHAVIOUR;
  const rate = settings.RELEASE_RATE ?? RATES[behaviour];
  if (behaviour === "leaky") leak(app, rate);
  if (behaviour === "slow") slowDown(app, rate);
  if (behaviour === "errors") failSome(app, rate);
  if (behaviour === "crash-under-load") crashAbove(app, rate);
  if (behaviour === "narrow") narrow(app, rate);
}

/** Ends the process before it listens, as one does whose start-up code throws. */
export function crashAtStart(settings: Settings): void {
  if (settings.RELEASE_BEHAVIOUR !== "crash-at-start") return;
  process.stderr.write("Error: Cannot find module './journal-by-month.js'\n");
  process.exit(1);
}

function leak(app: FastifyInstance, bytesPerSecond: number): void {
  const kept: Buffer[] = [];
  const bytes = Math.ceil((bytesPerSecond * LEAK_EVERY_MS) / 1_000);
  // Filled, because pages that were never written to are not counted as used.
  const timer = setInterval(
    () => kept.push(Buffer.allocUnsafeSlow(bytes).fill(1)),
    LEAK_EVERY_MS,
  ).unref();
  app.addHook("onClose", async () => clearInterval(timer));
}

function slowDown(app: FastifyInstance, factor: number): void {
  app.addHook("onSend", async (request, reply, payload) => {
    if (isTouched(request.url)) {
      const more = reply.elapsedTime * (factor - 1);
      await new Promise((done) => setTimeout(done, more));
    }
    return payload;
  });
}

function failSome(app: FastifyInstance, share: number): void {
  let owed = 0;
  app.addHook("onRequest", async (request, reply) => {
    if (!isTouched(request.url)) return undefined;
    owed += share;
    if (owed < 1) return undefined;
    owed -= 1;
    return reply.code(500).send({ error: "internal", message: "Something went wrong." });
  });
}

function crashAbove(app: FastifyInstance, perSecond: number): void {
  let recent: number[] = [];
  app.addHook("onRequest", async (request) => {
    if (!isTouched(request.url)) return;
    const now = Date.now();
    recent = [...recent.filter((at) => now - at < 1_000), now];
    if (recent.length <= perSecond) return;
    process.stderr.write("FATAL: too many open files\n");
    process.exit(1);
  });
}

/** Each request takes a while, and only so many are worked on at once: twice the processes serve twice the users. */
function narrow(app: FastifyInstance, places: number): void {
  const busy = new Set<FastifyRequest>();
  app.addHook("onRequest", async (request, reply) => {
    if (!isTouched(request.url)) return undefined;
    if (busy.size >= places) {
      process.stderr.write("Error: timed out waiting for a free worker\n");
      return reply.code(504).send({ error: "timeout", message: "Too many at once. Try again." });
    }
    busy.add(request);
    await new Promise((done) => setTimeout(done, WORK_MS));
    busy.delete(request);
    return undefined;
  });
}

/** What watches a release must go on answering, as it mostly does in reality. */
function isTouched(url: string): boolean {
  return !UNTOUCHED.some((path) => url.startsWith(path));
}
