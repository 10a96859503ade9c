import { describe, expect, test } from "vitest";

import {
  ACTING,
  answering,
  client,
  connectionOf,
  deployment,
  ENVIRONMENT,
  LOOK,
  LOOKING,
  standingClock,
  stubServer,
  TOKEN,
} from "./stub-server.ts";

describe("identity", () => {
  const projectToken = {
    id: "t",
    name: "signalman",
    projectId: "project-1",
    environmentId: "environment-1",
    project: { id: "project-1", name: "tradesense" },
    environment: { id: "environment-1", name: "production" },
  };

  test("a project token goes in its own header and names its environment", async () => {
    await using server = await stubServer(answering({ data: { projectToken } }));
    const railway = client(server.url);
    const identity = await railway.identify(LOOKING);
    expect(identity).toMatchObject({ ok: true, value: { kind: "project" } });
    const [received] = server.received;
    expect(received?.headers["project-access-token"]).toBe(TOKEN);
    expect(received?.headers.authorization).toBeUndefined();
    expect(received?.headers["user-agent"]).toBe("signalman/test");
    expect(received?.url).toBe("/graphql/v2?operationName=IdentifyProject");
    await railway.close();
  });

  test("a project token of another environment is refused, so nothing acts on the wrong one", async () => {
    const other = { ...projectToken, environmentId: "staging" };
    await using server = await stubServer(answering({ data: { projectToken: other } }));
    const railway = client(server.url);
    expect(await railway.identify(LOOKING)).toMatchObject({
      ok: false,
      problem: { code: "railway-not-authorized" },
    });
    await railway.close();
  });

  test.each([
    [{ data: { apiToken: { workspaces: [{ id: "w", name: "Team" }] } } }, true],
    [{ data: { apiToken: { workspaces: [] } } }, false],
    [{ data: null, errors: [{ message: "Not Authorized" }] }, false],
    [{ data: { apiToken: null } }, false],
  ])("a bearer token is believed only with a workspace: %j", async (body, ok) => {
    await using server = await stubServer(answering(body));
    const railway = client(server.url, { token: { kind: "bearer", value: TOKEN } });
    expect((await railway.identify(LOOKING)).ok).toBe(ok);
    expect(server.received[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(server.received[0]?.headers["project-access-token"]).toBeUndefined();
    await railway.close();
  });

  test("a token no header can carry is a programmer's error and is not repeated in it", () => {
    const broken = () =>
      client("http://localhost", { token: { kind: "bearer", value: "sec\nret" } });
    expect(broken).toThrow("token");
    expect(broken).not.toThrow("ret\n");
    expect(broken).not.toThrow("sec");
  });
});

describe("a service", () => {
  test.each(["Postgres", "s-postgres"])("is found as %s", async (nameOrId) => {
    await using server = await stubServer(answering({ data: { environment: ENVIRONMENT } }));
    const railway = client(server.url);
    const service = await railway.service(nameOrId, LOOKING);
    expect(service).toMatchObject({ ok: true, value: { serviceId: "s-postgres" } });
    expect(server.received[0]?.variables).toEqual({
      projectId: "project-1",
      environmentId: "environment-1",
    });
    await railway.close();
  });

  test("an unknown one is answered with the names there are", async () => {
    await using server = await stubServer(answering({ data: { environment: ENVIRONMENT } }));
    const railway = client(server.url);
    const service = await railway.service("postgres", LOOKING);
    expect(service).toMatchObject({ ok: false, problem: { code: "railway-no-service" } });
    expect(JSON.stringify(service)).toContain("Postgres, tradesense-backend");
    await railway.close();
  });

  test("words and fields of tomorrow are data", async () => {
    const odd = deployment("d9", "HIBERNATING", "2026-11-22T00:00:00Z", { mood: "calm" });
    const services = connectionOf([
      {
        id: "si",
        serviceId: "s",
        serviceName: "odd",
        latestDeployment: { ...odd, statusUpdatedAt: null },
        activeDeployments: [],
      },
    ]);
    const environment = { ...ENVIRONMENT, serviceInstances: services, weather: 1 };
    await using server = await stubServer(answering({ data: { environment } }));
    const railway = client(server.url);
    expect(await railway.service("odd", LOOKING)).toMatchObject({
      ok: true,
      value: { latestDeployment: { status: "HIBERNATING", statusUpdatedAt: null } },
    });
    await railway.close();
  });
});

describe("executions", () => {
  const row = (id: string, minute: number) => ({
    id,
    status: "RUNNING",
    createdAt: `2026-11-23T02:${String(minute).padStart(2, "0")}:00Z`,
    completedAt: null,
    deploymentId: "d1",
  });

  test("come newest first, whatever Railway's order", async () => {
    const executions = connectionOf([row("old", 1), row("new", 3), row("middle", 2)]);
    await using server = await stubServer(answering({ data: { executions } }));
    const railway = client(server.url);
    const found = await railway.executions("s-postgres", LOOKING);
    expect(found.ok && found.value.map((one) => one.id)).toEqual(["new", "middle", "old"]);
    await railway.close();
  });

  test("pages that run from old to new are followed to the last, where the newest are", async () => {
    const first = connectionOf([row("a", 1), row("b", 2)], { hasNextPage: true, endCursor: "c1" });
    const last = connectionOf([row("c", 3), row("d", 4)]);
    await using server = await stubServer((received, response) => {
      const executions = received.variables["after"] === "c1" ? last : first;
      answering({ data: { executions } })(received, response);
    });
    const railway = client(server.url);
    const found = await railway.executions("s-postgres", LOOKING);
    expect(found.ok && found.value[0]?.id).toBe("d");
    expect(server.received).toHaveLength(2);
    await railway.close();
  });

  test("pages without end are a problem, not a loop", async () => {
    const page = connectionOf([row("a", 1), row("b", 2)], { hasNextPage: true, endCursor: "c" });
    await using server = await stubServer(answering({ data: { executions: page } }));
    const railway = client(server.url);
    const found = await railway.executions("s-postgres", LOOKING);
    expect(found).toMatchObject({ ok: false, problem: { code: "railway-unreadable" } });
    expect(server.received.length).toBeLessThan(30);
    await railway.close();
  });
});

describe("is Railway itself well?", () => {
  test("the API's word first, no second request", async () => {
    await using server = await stubServer(answering({ data: { platform: LOOK.platform } }));
    const railway = client(server.url);
    expect(await railway.platformStatus(LOOKING)).toMatchObject({ value: { state: "well" } });
    expect(server.received).toHaveLength(1);
    await railway.close();
  });

  test("else the feed's, else unknown with both reasons", async () => {
    await using server = await stubServer((received, response) => {
      if (!received.url.startsWith("/status")) {
        answering({ data: null, errors: [{ message: "Not Authorized" }] })(received, response);
        return;
      }
      answering({ components: [{ name: "Builds", status: "PARTIAL_OUTAGE" }] })(received, response);
    });
    const railway = client(server.url);
    const troubled = await railway.platformStatus(LOOKING);
    expect(troubled).toMatchObject({ value: { state: "trouble" } });
    server.react = answering({ errors: [{ message: "Not Authorized" }] }, 503);
    const unknown = await railway.platformStatus(LOOKING);
    expect(unknown).toMatchObject({ ok: true, value: { state: "unknown" } });
    expect(JSON.stringify(unknown)).toMatch(/Not Authorized.*HTTP 503/);
    await railway.close();
  });

  test("the feed is not shown the token", async () => {
    await using server = await stubServer(answering({}, 500));
    const railway = client(server.url);
    await railway.platformStatus(LOOKING);
    const feed = server.received.find((one) => one.url === "/status");
    expect(JSON.stringify(feed?.headers)).not.toContain(TOKEN);
    await railway.close();
  });
});

test("the reserve stays for acts, and the refusal costs no request", async () => {
  const clock = standingClock();
  const headers = { "x-ratelimit-remaining": "250", "x-ratelimit-reset": "600" };
  await using server = await stubServer(
    answering({ data: { environment: ENVIRONMENT } }, 200, headers),
  );
  const railway = client(server.url, { clock });
  expect((await railway.environment(LOOKING)).ok).toBe(true);
  expect(await railway.environment(LOOKING)).toMatchObject({
    ok: false,
    problem: { code: "railway-budget", retryAt: clock.at + 600_000 },
  });
  expect((await railway.environment(ACTING)).ok).toBe(true);
  expect(server.received).toHaveLength(2);
  expect(railway.budget()).toMatchObject({ limit: 1000, used: 2, remaining: 250, reserve: 300 });
  await railway.close();
});
