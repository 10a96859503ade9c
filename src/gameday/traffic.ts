import { request, type Agent } from "undici";

/** What one user of the guarded API got. */
export interface Visit {
  readonly at: number;
  readonly kind: "read" | "write";
  /** 0: no answer. */
  readonly status: number;
  /** The switch that refused it, by the answer's header. */
  readonly refusedBy: string | null;
  readonly message: string | null;
}

/** Users who come until they are stopped. */
export interface Traffic {
  readonly visits: readonly Visit[];
  /** So many a second from now on. */
  pace(perSecond: number): void;
  stop(): Promise<void>;
}

/** How often those that are due are sent: users do not come in bunches. */
const EVERY_MS = 20;
/** Of three visits one saves something. */
const WRITES_OF = 3;
const VISIT_MS = 4_000;
const VISITS_MAX = 50_000;

/** Users who read and write all the time; what they get is the measure of every game day. */
export function startTraffic(api: string, agent: Agent, perSecond: number): Traffic {
  const visits: Visit[] = [];
  const under = new Set<Promise<void>>();
  const send = (kind: Visit["kind"]): void => {
    if (visits.length + under.size >= VISITS_MAX) return;
    const visit = visitOnce(api, agent, kind)
      .then((seen) => void visits.push(seen))
      .finally(() => under.delete(visit));
    under.add(visit);
  };
  let sent = 0;
  let begun = performance.now();
  let rate = perSecond;
  const timer = setInterval(() => {
    // As many as are due by now, so that a late timer makes no quieter traffic; but no crowd after a long halt.
    const due = Math.floor(((performance.now() - begun) / 1_000) * rate);
    sent = Math.max(sent, due - rate);
    for (; sent < due; sent += 1) send(sent % WRITES_OF === 1 ? "write" : "read");
  }, EVERY_MS);
  return {
    visits,
    pace: (next) => {
      [rate, begun, sent] = [next, performance.now(), 0];
    },
    stop: async () => {
      clearInterval(timer);
      await Promise.all(under);
    },
  };
}

async function visitOnce(api: string, agent: Agent, kind: Visit["kind"]): Promise<Visit> {
  const at = Date.now();
  try {
    const answer = await request(`${api}/trades`, {
      method: kind === "read" ? "GET" : "POST",
      dispatcher: agent,
      signal: AbortSignal.timeout(VISIT_MS),
      headers: { "content-type": "application/json" },
      ...(kind === "read"
        ? {}
        : { body: JSON.stringify({ symbol: "ACME", quantity: 1, price: 10 }) }),
    });
    const body: unknown = await answer.body.json().catch(() => null);
    const message = (body as { message?: unknown } | null)?.message;
    const header = answer.headers["x-signalman-switch"];
    return {
      at,
      kind,
      status: answer.statusCode,
      refusedBy: typeof header === "string" ? header : null,
      message: typeof message === "string" ? message : null,
    };
  } catch {
    return { at, kind, status: 0, refusedBy: null, message: null };
  }
}
