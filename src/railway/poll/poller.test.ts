import { describe, expect, test } from "vitest";

import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../domain/time.ts";
import type { Plan } from "../budget.ts";
import type { Railway, RailwayOptions } from "../railway.ts";
import {
  ACTING,
  answering,
  client,
  connectionOf,
  deployment,
  LOOKING,
  standingClock,
  stubServer,
  type Reaction,
  type Received,
} from "../stub-server.ts";
import type { Looked, Sight } from "./sight.ts";

const NEVER = new AbortController().signal;
const SERVICES = ["api", "web", "worker", "postgres", "redis"];

describe("looks that come at about the same time", () => {
  test("share one request, under way or just answered", async () => {
    await using server = await stubServer(poll());
    const { railway, look, clock } = five(server.url);
    await Promise.all(SERVICES.map(look));
    // Ids are learnt by the first request, so only the first poll takes two.
    expect(server.received).toHaveLength(2);
    clock.at += MINUTE_MS;
    const sights = await Promise.all([look("api"), look("web")]);
    clock.at += 25 * SECOND_MS;
    sights.push(await look("redis"));
    expect(server.received).toHaveLength(3);
    expect(new Set(sights.map((sight) => numberOf(sight)))).toEqual(new Set([2]));
    clock.at += 10 * SECOND_MS;
    // Not due, and yet this one may not have read it: whose looks fall between the others' must not starve.
    expect(numberOf(await look("redis"))).toBe(2);
    expect(server.received).toHaveLength(3);
    await railway.close();
  });

  test("of one who has read the latest answer are served anew after half the interval", async () => {
    await using server = await stubServer(poll());
    const { railway, clock, look } = five(server.url);
    await look("api");
    clock.at += 29 * SECOND_MS;
    expect(numberOf(await railway.poller.look("api", NEVER, 1))).toBe(1);
    clock.at += 2 * SECOND_MS;
    expect(numberOf(await look("web"))).toBe(1);
    expect(numberOf(await railway.poller.look("api", NEVER, 1))).toBe(2);
    await railway.close();
  });

  test("end one by one; the request goes on for the others", async () => {
    const held = Promise.withResolvers<void>();
    await using server = await stubServer((received, response) => {
      void held.promise.then(() => poll()(received, response));
    });
    const { railway, look } = five(server.url);
    const ending = new AbortController();
    const ended = railway.poller.look("api", ending.signal);
    const other = look("web");
    ending.abort();
    expect(await ended).toEqual({ kind: "ended" });
    held.resolve();
    expect(await other).toMatchObject({ kind: "seen" });
    await railway.close();
  });

  test("get a failure once each, and the API is not asked again at once", async () => {
    await using server = await stubServer(answering({}, 403));
    const { railway, look } = five(server.url);
    const looks = await Promise.all(SERVICES.map(look));
    for (const looked of looks) {
      expect(looked).toMatchObject({ kind: "failed", problem: { code: "railway-unreadable" } });
    }
    expect(server.received).toHaveLength(1);
    await railway.close();
  });
});

describe("a part that fails", () => {
  test("of one service costs that service, and is left alone for a while", async () => {
    await using server = await stubServer(poll(["executions_1"]));
    const { railway, look, clock } = five(server.url);
    expect(await sightFor(look, "web")).toMatchObject({
      executions: { ok: false, problem: { code: "railway-not-authorized" } },
      service: { ok: true },
    });
    expect((await sightFor(look, "api")).executions.ok).toBe(true);
    const before = server.received.length;
    clock.at += MINUTE_MS;
    await look("api");
    expect(server.received.length - before).toBe(1);
    expect(aliasesOf(server.received.at(-1))).not.toContain("executions_1");
    clock.at += 11 * MINUTE_MS;
    await look("api");
    expect(server.received.slice(before + 1).flatMap(aliasesOf)).toContain("executions_1");
    await railway.close();
  });

  test("as a field that is gone costs its feature for good", async () => {
    const gone = 'Cannot query field "metrics" on type "Query".';
    await using server = await stubServer((received, response) => {
      if (!received.query.includes("metrics(")) return poll()(received, response);
      return answering({ errors: [{ message: gone }] }, 400)(received, response);
    });
    const { railway, look, clock } = five(server.url);
    const sight = await sightFor(look, "api");
    expect(sight.usage).toMatchObject({ ok: false, problem: { code: "railway-schema" } });
    expect(sight.service.ok && sight.executions.ok).toBe(true);
    expect(Object.keys(railway.leftOut())).toEqual(["usage"]);
    const before = server.received.length;
    clock.at += 20 * MINUTE_MS;
    await look("api");
    expect(server.received.length - before).toBe(1);
    await railway.close();
  });

  test("as a log that is too long to be read costs the log only", async () => {
    await using server = await stubServer((received, response) => {
      if (!received.query.includes("environmentLogs(")) return poll()(received, response);
      response.end(" ".repeat(5 * 1024 * 1024));
    });
    const { railway, look, clock } = five(server.url, {}, ["logs"]);
    await look("api");
    clock.at += MINUTE_MS;
    const second = await look("api");
    clock.at += MINUTE_MS;
    const third = await look("api");
    expect([second.kind, third.kind]).toContain("seen");
    expect(third).toMatchObject({
      sight: { service: { ok: true }, logs: { lines: { ok: false } } },
    });
    await railway.close();
  });
});

test("a service that is not there is named, and the others are seen", async () => {
  await using server = await stubServer(poll());
  const { railway, look } = five(server.url);
  railway.poller.join("mongo", [], MINUTE_MS);
  expect((await sightFor(look, "mongo")).service).toMatchObject({
    ok: false,
    problem: { code: "railway-no-service" },
  });
  expect((await sightFor(look, "api")).service.ok).toBe(true);
  await railway.close();
});

describe("who sleeps", () => {
  test("is known from the latest poll, and unknown is awake", async () => {
    await using server = await stubServer(poll([], { api: "SLEEPING" }));
    const { railway, clock } = five(server.url);
    expect(await railway.poller.isAsleep("api", NEVER)).toBe(true);
    expect(await railway.poller.isAsleep("web", NEVER)).toBe(false);
    expect(server.received).toHaveLength(2);
    clock.at += 4 * MINUTE_MS;
    expect(await railway.poller.isAsleep("api", NEVER)).toBe(false);
    await railway.close();
  });
});

describe("requests in an hour at rest with five targets, everything included", () => {
  test.each<[Plan, number, number, number]>([
    ["hobby", 60 * SECOND_MS, 120, 50],
    ["pro", 60 * SECOND_MS, 120, 50],
    ["free", 75 * SECOND_MS, 60, 40],
    // An operator who asks for more than Free can give.
    ["free", 20 * SECOND_MS, 60, 40],
  ])("%s, every %i ms: at most %i", async (plan, everyMs, most, least) => {
    await using server = await stubServer(poll());
    const notes: string[] = [];
    const options = { plan, note: (text: string) => notes.push(text) };
    const { railway, clock } = five(server.url, options, ["edge", "logs"], everyMs);
    const read = new Map<string, number>();
    await railway.identify(LOOKING);
    const begun = clock.at;
    const sentBy: number[] = [];
    // Looks of five targets that do not begin together, over five hours.
    while (clock.at < begun + 5 * HOUR_MS) {
      for (const service of SERVICES) {
        const looked = await railway.poller.look(service, NEVER, read.get(service));
        read.set(service, numberOf(looked));
        clock.at += everyMs / 50;
      }
      clock.at += everyMs - 5 * (everyMs / 50);
      sentBy[Math.floor((clock.at - begun) / HOUR_MS)] = server.received.length;
    }
    const perHour = sentBy.map((sent, hour) => sent - (sentBy[hour - 1] ?? 0)).slice(0, 5);
    expect(Math.max(...perHour)).toBeLessThanOrEqual(most);
    expect(Math.min(...perHour)).toBeGreaterThanOrEqual(least);
    expect(railway.budget().remaining).toBeGreaterThanOrEqual(railway.budget().reserve);
    expect(notes.some((note) => note.includes("s apart"))).toBe(everyMs < 60_000);
    await railway.close();
  });
});

test("when others use the budget up, polls move apart, say so, and leave the reserve to acts", async () => {
  let remaining = 1_000;
  await using server = await stubServer((received, response) => {
    const headers = {
      "x-ratelimit-remaining": String(remaining),
      "x-ratelimit-reset": String(Math.ceil((clock.at + 10 * MINUTE_MS) / 1_000)),
    };
    poll([], {}, headers)(received, response);
  });
  const notes: string[] = [];
  const { railway, clock, look } = five(server.url, { note: (text) => notes.push(text) });
  await look("api");
  const requestsIn = async (minutes: number): Promise<number> => {
    const before = server.received.length;
    for (let minute = 0; minute < minutes; minute += 1) {
      clock.at += MINUTE_MS;
      await look("api");
    }
    return server.received.length - before;
  };
  expect(await requestsIn(4)).toBe(4);
  remaining = 340;
  await requestsIn(1);
  expect(await requestsIn(8)).toBe(2);
  expect(notes.at(-1)).toContain("240 s apart");
  clock.at += MINUTE_MS;
  expect(await look("api")).toMatchObject({ slow: { code: "railway-budget" } });
  remaining = 290;
  await requestsIn(4);
  const stopped = server.received.length;
  await requestsIn(4);
  expect(server.received.length).toBe(stopped);
  expect((await railway.environment(ACTING)).ok).toBe(false);
  expect(server.received.length).toBe(stopped + 1);
  // Railway's hour is over.
  remaining = 1_000;
  clock.at += 10 * MINUTE_MS;
  await look("api");
  expect(await requestsIn(4)).toBe(4);
  expect(notes.at(-1)).toContain("60 s apart again");
  await railway.close();
});

function five(
  url: string,
  options: Partial<RailwayOptions> = {},
  wishes: readonly ("edge" | "logs")[] = [],
  everyMs = MINUTE_MS,
) {
  const clock = standingClock();
  const railway: Railway = client(url, { clock, ...options });
  for (const name of SERVICES) railway.poller.join(name, wishes, everyMs);
  const look = (service: string): Promise<Looked> => railway.poller.look(service, NEVER);
  return { clock, railway, look };
}

async function sightFor(look: (name: string) => Promise<Looked>, name: string): Promise<Sight> {
  const looked = await look(name);
  if (looked.kind !== "seen") throw new Error(`not seen: ${looked.kind}`);
  return looked.sight;
}

function numberOf(looked: Looked | undefined): number {
  return looked?.kind === "seen" ? looked.sight.number : -1;
}

/** Names of the root fields a request asks for. */
function aliasesOf(received: Received | undefined): readonly string[] {
  return [...(received?.query ?? "").matchAll(/^ {2}(\w+): /gm)].map((match) => match[1] ?? "");
}

/** A server that answers polls; what is not authorized empties the whole answer, as non-null roots do. */
function poll(
  refused: readonly string[] = [],
  statuses: { readonly [service: string]: string } = {},
  headers: { readonly [name: string]: string } = {},
): Reaction {
  return (received, response) => {
    const aliases = aliasesOf(received);
    const bad = aliases.filter((alias) => refused.includes(alias));
    const errors = bad.map((alias) => ({ message: "Not Authorized", path: [alias] }));
    const data = Object.fromEntries(aliases.map((alias) => [alias, valueOf(alias, statuses)]));
    const body = bad.length > 0 ? { data: null, errors } : { data };
    answering(body, 200, headers)(received, response);
  };
}

function valueOf(alias: string, statuses: { readonly [service: string]: string }): unknown {
  const [feature] = alias.split("_");
  if (feature === "services" || feature === "settings") {
    return {
      serviceInstances: connectionOf(
        SERVICES.map((name) => ({
          id: `si-${name}`,
          serviceId: `id-${name}`,
          serviceName: name,
          numReplicas: 1,
          latestDeployment: null,
          activeDeployments: [
            deployment(`d-${name}`, statuses[name] ?? "SUCCESS", "2026-11-20T10:00:00.000Z", {
              meta: {},
            }),
          ],
        })),
      ),
    };
  }
  if (feature === "platform") return { isStable: true, incident: null, maintenance: null };
  if (feature === "executions") return connectionOf([]);
  return feature === "durations" ? { samples: [] } : [];
}
