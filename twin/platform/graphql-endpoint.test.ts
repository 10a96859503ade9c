import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ask, askGraphql, at } from "../asking.ts";
import { startTwin, type Twin } from "../index.ts";
import { waitUntil } from "../processes/wait.ts";

const ENVIRONMENT = `query($id: String!, $projectId: String) { environment(id: $id, projectId: $projectId) {
  id name serviceInstances(first: 100) { edges { node { serviceId serviceName latestDeployment { id } activeDeployments { id status } } } pageInfo { hasNextPage } } } }`;
const RESTART = `mutation Restart($id: String!) { deploymentRestart(id: $id) }`;

let twin: Twin;

beforeAll(async () => {
  twin = await startTwin({ redis: false, budget: { perHour: 100_000, perSecond: 1_000 } });
});
afterAll(() => twin.stop());
afterEach(() => twin.clear());

describe("who may ask", () => {
  const bearer = () => ({ authorization: `Bearer ${twin.accountToken}` });
  const token = () => twin.env["RAILWAY_TOKEN"] ?? "";
  const me = "{ projectToken { name project { id } environment { name } } }";

  test("a project token in its own header is its project's", async () => {
    const { data } = await askGraphql(twin.env, me);
    expect(at(data, "projectToken.project.id")).toBe(twin.env["RAILWAY_PROJECT_ID"]);
  });

  test("an account token as Bearer sees workspaces and has no project", async () => {
    const workspaces = await askGraphql(
      twin.env,
      "{ apiToken { workspaces { name } } }",
      {},
      bearer(),
    );
    expect(at(workspaces.data, "apiToken.workspaces.0.name")).toBe("TradeSense");
    const project = await askGraphql(twin.env, me, {}, bearer());
    expect(project.errors?.[0]?.message).toBe("Not Authorized");
  });

  test.each([
    ["a project token as Bearer", () => ({ authorization: `Bearer ${token()}` }), "Not Authorized"],
    [
      "an account token as project token",
      () => ({ "project-access-token": twin.accountToken }),
      "Not Authorized",
    ],
    [
      "an unknown project token",
      () => ({ "project-access-token": "x" }),
      "Project Token not found",
    ],
    ["nobody", () => ({}), "Not Authorized"],
  ])(
    "%s is refused with HTTP 200, a code that says nothing and a trace id",
    async (_, headers, message) => {
      const answer = await askGraphql(twin.env, me, {}, headers());
      expect(answer.status).toBe(200);
      expect(answer.data).toBe(null);
      expect(answer.errors).toMatchObject([
        { message, path: ["projectToken"], extensions: { code: "INTERNAL_SERVER_ERROR" } },
      ]);
      expect(answer.errors?.[0]?.traceId).toMatch(/^[0-9a-f]{19}$/);
    },
  );

  test("an invalid Bearer is nobody, and some queries answer nobody", async () => {
    const headers = { authorization: "Bearer nonsense" };
    const { data } = await askGraphql(twin.env, "{ platformStatus { isStable } }", {}, headers);
    expect(data).toEqual({ platformStatus: { isStable: true } });
  });

  test("a project token has to name its project to see the environment, an account token has not", async () => {
    const id = twin.env["RAILWAY_ENVIRONMENT_ID"];
    const alone = await askGraphql(twin.env, ENVIRONMENT, { id });
    expect(alone.errors?.[0]?.message).toBe("Not Authorized");
    expect((await askGraphql(twin.env, ENVIRONMENT, { id }, bearer())).errors).toBeUndefined();
    const named = await askGraphql(twin.env, ENVIRONMENT, {
      id,
      projectId: twin.env["RAILWAY_PROJECT_ID"],
    });
    const names = twin.state().services.map((service) => service.name);
    const edges = at(named.data, "environment.serviceInstances.edges");
    expect(edges).toHaveLength(names.length);
    expect(names).toEqual(["Postgres", "tradesense-backend", "signalman"]);
  });
});

describe("what is answered to", () => {
  test("an unknown field", async () => {
    const { status, errors } = await askGraphql(twin.env, "{ projectToken { mood } }");
    expect(status).toBe(200);
    expect(errors?.[0]?.message).toContain('Cannot query field "mood"');
  });

  test.each([
    ["a service's id", () => twin.env["RAILWAY_SERVICE_ID"], "Deployment not found"],
    ["an id nobody has", () => "00000000-0000-4000-8000-000000000000", "Not Authorized"],
    ["no id at all", () => "postgres", "Problem processing request"],
  ])("%s where a deployment's is wanted", async (_, id, message) => {
    const { errors } = await askGraphql(twin.env, RESTART, { id: id() });
    expect(errors?.[0]?.message).toBe(message);
    expect(twin.state().counters.mutations.at(-1)?.executed).toBe(false);
  });

  test("pages and filters of deployments", async () => {
    const query = `query($input: DeploymentListInput!, $first: Int, $after: String) { deployments(input: $input, first: $first, after: $after) {
      edges { node { id serviceId status } } pageInfo { hasNextPage endCursor } } }`;
    const input = { projectId: twin.env["RAILWAY_PROJECT_ID"] };
    const first = await askGraphql(twin.env, query, { input, first: 2 });
    expect(at(first.data, "deployments.pageInfo.hasNextPage")).toBe(true);
    const after = at(first.data, "deployments.pageInfo.endCursor");
    const second = await askGraphql(twin.env, query, { input, first: 2, after });
    expect(at(second.data, "deployments.edges")).toHaveLength(1);
    const crashed = { ...input, status: { in: ["CRASHED"] } };
    const none = await askGraphql(twin.env, query, { input: crashed });
    expect(at(none.data, "deployments.edges")).toEqual([]);
  });

  test("more requests than the budget has", async () => {
    await using small = await startTwin({ redis: false, budget: { perHour: 2, perSecond: 10 } });
    const query = "{ platformStatus { isStable } }";
    const { headers } = await askGraphql(small.env, query);
    expect(headers["x-ratelimit-remaining"]).toBe("1");
    await askGraphql(small.env, query);
    const refused = await askGraphql(small.env, query);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(3_500);
  });
});

describe("the edge", () => {
  test.each([
    ["429", 429, /Rate limit/],
    ["html-403", 403, /<html>.*Access denied/],
    ["502", 502, /<html>/],
    ["garbage", 200, /"node":$/],
  ] as const)("answers %s as often as asked", async (how, status, text) => {
    await twin.inject({ fault: "graphql", how, times: 1, retryAfter: 7 });
    const url = twin.env["RAILWAY_GRAPHQL_ENDPOINT"] ?? "";
    const answer = await ask(url, { body: { query: "{ platformStatus { isStable } }" } });
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(text);
    expect(answer.headers["retry-after"]).toBe(how === "429" ? "7" : undefined);
    expect((await askGraphql(twin.env, "{ platformStatus { isStable } }")).errors).toBeUndefined();
  });
});

describe("a mutation", () => {
  const operation = "deploymentRestart" as const;
  const target = () => twin.state().services.find((it) => it.name === "tradesense-backend");
  const restarts = () => target()?.restarts ?? 0;
  const mutate = () => askGraphql(twin.env, RESTART, { id: target()?.deploymentId });
  const settled = (count: number) =>
    waitUntil(() => restarts() === count && target()?.status === "SUCCESS", 10_000);

  test("whose answer is lost was executed", async () => {
    const before = restarts();
    await twin.inject({ fault: "lose-answer", operation, times: 1 });
    await expect(mutate()).rejects.toThrow();
    await settled(before + 1);
    expect(twin.state().counters.mutations.at(-1)).toMatchObject({ operation, executed: true });
  });

  test("that is late lands when nobody waits for it any more", async () => {
    const before = restarts();
    await twin.inject({ fault: "late-mutation", operation, ms: 600, times: 1 });
    await expect(mutate()).rejects.toThrow();
    expect(restarts()).toBe(before);
    expect(twin.state().counters.mutations.at(-1)?.executed).toBe(false);
    await settled(before + 1);
    expect(twin.state().counters.mutations.at(-1)?.executed).toBe(true);
  });

  test("that is never executed, or refused, leaves everything as it was", async () => {
    const before = target();
    await twin.inject({ fault: "never-executed", operation, times: 1 });
    await expect(mutate()).rejects.toThrow();
    await twin.inject({ fault: "refuse-mutation", operation, message: "Not Authorized", times: 1 });
    expect((await mutate()).errors?.[0]?.message).toBe("Not Authorized");
    expect(target()).toEqual(before);
  });

  test("that is held before is executed on release, or not at all when dropped", async () => {
    const before = restarts();
    await twin.inject({ fault: "hold-before", operation, times: 2 });
    const count = twin.state().counters.mutations.length;
    const dropped = mutate();
    await waitUntil(() => twin.state().counters.mutations.length === count + 1, 2_000);
    expect(twin.release(true)).toBe(1);
    await expect(dropped).rejects.toThrow();
    const held = mutate();
    await waitUntil(() => twin.state().counters.mutations.length === count + 2, 2_000);
    expect(restarts()).toBe(before);
    const released = await ask(`${twin.urls.platform}/twin/release`, { method: "POST" });
    expect(JSON.parse(released.text)).toEqual({ ok: true, released: 1 });
    expect((await held).data).toEqual({ deploymentRestart: true });
    await settled(before + 1);
  });

  test("whose answer is held was executed already", async () => {
    const before = restarts();
    await twin.inject({ fault: "hold-mutation", operation, times: 1 });
    let isAnswered = false;
    const held = mutate().finally(() => (isAnswered = true));
    await settled(before + 1);
    expect(isAnswered).toBe(false);
    twin.release();
    expect((await held).data).toEqual({ deploymentRestart: true });
  });
});

describe("Slack", () => {
  const post = (channel: string, body: unknown = { text: channel }) =>
    ask(`${twin.urls.platform}/slack/webhook/T000/B000/${channel}`, { body });
  const count = () => twin.state().counters;

  test("takes one message a second per webhook, and keeps what it took", async () => {
    const before = count();
    expect(await post("one")).toMatchObject({ status: 200, text: "ok" });
    const second = await post("one");
    expect(second).toMatchObject({ status: 429, text: "rate_limited" });
    expect(second.headers["retry-after"]).toBe("1");
    expect((await post("two")).status).toBe(200);
    await waitUntil(async () => (await post("one")).status === 200, 2_000);
    const { messages } = JSON.parse((await ask(`${twin.urls.platform}/slack/messages`)).text);
    expect(messages).toHaveLength(3);
    expect(at(messages, "0.body")).toEqual({ text: "one" });
    expect(count().slackAccepted).toBe(before.slackAccepted + 3);
    expect(count().slackRejected).toBeGreaterThan(before.slackRejected);
  });

  test("refuses what is no message", async () => {
    expect(await post("three", "{")).toMatchObject({ status: 400, text: "invalid_payload" });
    expect(await post("three", {})).toMatchObject({ status: 400, text: "no_text" });
  });

  test("can be limited, broken or gone", async () => {
    await twin.inject({ fault: "slack", how: "429", retryAfter: 30, times: 1 });
    expect((await post("four")).headers["retry-after"]).toBe("30");
    await twin.inject({ fault: "slack", how: "500", times: 1 });
    expect((await post("four")).status).toBe(500);
    await twin.inject({ fault: "slack", how: "down", times: 1 });
    await expect(post("four")).rejects.toThrow();
    expect((await post("four")).status).toBe(200);
  });
});
