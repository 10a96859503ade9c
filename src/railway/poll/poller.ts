import { problem } from "../../domain/problem.ts";
import { SECOND_MS, type Millis } from "../../domain/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Budget } from "../budget.ts";
import { liveDeployment } from "../live.ts";
import { aliasFor, aliasForAll, type Alias } from "./aliases.ts";
import type { Answers, Asker } from "./asker.ts";
import { paceOf } from "./pace.ts";
import { idsOf, sightOf, wholeFailure, type Poll } from "./read.ts";
import type { Looked, Poller, Sight, Wish } from "./sight.ts";
import { variablesFor, windowAt, type Window } from "./window.ts";

export interface PollerParts {
  readonly asker: Asker;
  readonly clock: Clock;
  readonly budget: Budget;
  readonly scope: { readonly projectId: string; readonly environmentId: string };
  /** Hears in words when polls move apart or take more requests, and when that is over. */
  readonly note: (text: string) => void;
}

interface Member {
  readonly wishes: ReadonlySet<Wish>;
  /** Learnt from the latest answer that named it. */
  readonly id: string | null;
}

/** How far a look may come too early and still be on time. */
const TOLERANCE = 0.9;
/** So long the very first poll is waited for before a target is taken to be awake. */
const ASLEEP_WAIT_MS: Millis = 2 * SECOND_MS;

/** Opens nothing before the first look. */
export function createPoller(parts: PollerParts): Poller {
  const { asker, clock, budget, note } = parts;
  const members = new Map<string, Member>();
  const closing = new AbortController();
  let everyMs: Millis = Infinity;
  let latest: Poll | null = null;
  let underWay: Promise<Poll> | null = null;
  /** Of the latest poll; many ask whether a target sleeps. */
  const sights = new Map<string, Sight>();
  let slowness: string | null = null;
  let requests = 1;

  /**
   * What a look gets: the answer under way, a new one when one is due, else the latest, because not everybody has read it. Who
   * has read it and comes back early, because something fails, need only wait for half of the interval.
   */
  function answer(read: number): Promise<Poll> {
    if (underWay !== null) return underWay;
    const now = clock.now();
    // A clock that was set back must not stop the polls.
    const age = latest === null ? Infinity : Math.abs(now - latest.at);
    const pace = paceOf(everyMs, requests, budget.state(now));
    tell(pace.why);
    const isEarly = pace.why === null && latest?.number === read;
    const dueMs = pace.gapMs * (isEarly ? 0.5 : TOLERANCE);
    if (latest !== null && age < dueMs) return Promise.resolve(latest);
    underWay = poll().finally(() => (underWay = null));
    return underWay;
  }

  /** When it begins and when it is over; not each number between. */
  function tell(why: string | null): void {
    if ((why === null) !== (slowness === null))
      note(why ?? `looks at Railway are ${everyMs / SECOND_MS} s apart again`);
    slowness = why;
  }

  async function poll(): Promise<Poll> {
    const window = windowAt(clock.now(), latest?.at ?? null, everyMs);
    const before = wanted();
    let answers: Answers = await ask(before, window);
    for (const [name, id] of idsOf(answers, [...members.keys()])) {
      const member = members.get(name);
      if (member !== undefined) members.set(name, { ...member, id });
    }
    // Only the first poll, and one after a service was made anew, knows ids that it has not asked about.
    const names = new Set(before.map(({ name }) => name));
    const after = wanted().filter(({ name }) => !names.has(name));
    if (after.length > 0) answers = new Map([...answers, ...(await ask(after, window))]);
    const aliases = [...before, ...after];
    countRequests(aliases);
    const number = (latest?.number ?? 0) + 1;
    const done: Poll = { number, at: clock.now(), answers, aliases, window };
    latest = done;
    sights.clear();
    return done;
  }

  function ask(aliases: readonly Alias[], window: Window): Promise<Answers> {
    const ids = [...members.values()].flatMap(({ id, wishes }) =>
      id !== null && wishes.has("logs") ? [id] : [],
    );
    const variables = { ...parts.scope, ...variablesFor(window, ids) };
    const call = { signal: closing.signal, purpose: "look" } as const;
    return asker.ask({ aliases, grain: window.grain, variables, call });
  }

  /** Everything that the members wish for and whose ids are known. */
  function wanted(): readonly Alias[] {
    const own = [...members.values()].flatMap(({ id, wishes }, place) => {
      if (id === null) return [];
      const features = wishes.has("edge")
        ? (["executions", "statuses", "durations"] as const)
        : (["executions"] as const);
      return features.map((feature) => aliasFor(feature, id, place));
    });
    const isLogged = [...members.values()].some(
      ({ id, wishes }) => id !== null && wishes.has("logs"),
    );
    const shared = ["services", "settings", "platform", "usage"] as const;
    return [...shared.map(aliasForAll), ...(isLogged ? [aliasForAll("logs")] : []), ...own];
  }

  function sightIn(poll: Poll, service: string): Sight {
    const known = poll === latest ? sights.get(service) : undefined;
    const sight = known ?? sightOf(poll, service);
    if (poll === latest) sights.set(service, sight);
    return sight;
  }

  function countRequests(aliases: readonly Alias[]): void {
    const now = Math.max(1, asker.requestsFor(aliases));
    if (now !== requests)
      note(`a look at all ${members.size} services takes ${now} request${now === 1 ? "" : "s"}`);
    requests = now;
  }

  return {
    join(service, wishes, ms) {
      const all = new Set([...(members.get(service)?.wishes ?? []), ...wishes]);
      members.set(service, { wishes: all, id: members.get(service)?.id ?? null });
      everyMs = Math.min(everyMs, ms);
    },
    async look(service, signal, read = 0): Promise<Looked> {
      const came = await orEnded(answer(read), signal);
      if (came === null) return { kind: "ended" };
      const slow = slowness === null ? null : problem("railway-budget", slowness);
      const whole = wholeFailure(came);
      if (whole !== null) return { kind: "failed", number: came.number, problem: whole, slow };
      return { kind: "seen", sight: sightIn(came, service), slow };
    },
    async isAsleep(service, signal) {
      if (latest === null) {
        const soon = AbortSignal.any([signal, AbortSignal.timeout(ASLEEP_WAIT_MS)]);
        await orEnded(answer(0), soon);
      }
      const patienceMs = 3 * paceOf(everyMs, requests, budget.state(clock.now())).gapMs;
      if (latest === null || clock.now() - latest.at > patienceMs) return false;
      const seen = sightIn(latest, service).service;
      return seen.ok && liveDeployment(seen.value)?.status === "SLEEPING";
    },
    close: () => closing.abort(),
  };
}

/** The value, or null when the signal comes first. */
async function orEnded<T>(value: Promise<T>, signal: AbortSignal): Promise<T | null> {
  if (signal.aborted) return null;
  const { promise, resolve } = Promise.withResolvers<null>();
  const end = (): void => resolve(null);
  signal.addEventListener("abort", end, { once: true });
  try {
    return await Promise.race([value, promise]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}
