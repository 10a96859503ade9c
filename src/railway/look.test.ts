import { describe, expect, test } from "vitest";

import { MINUTE_MS } from "../domain/time.ts";
import { liveDeployment } from "./live.ts";
import type { Part } from "./operations.ts";
import {
  answering,
  client,
  LOOK,
  LOOKING,
  standingClock,
  stubServer,
  type Reaction,
  type Received,
} from "./stub-server.ts";

test("one request, every part", async () => {
  await using server = await stubServer(answering({ data: LOOK }));
  const railway = client(server.url);
  const look = await railway.look("s-postgres", LOOKING);
  expect(server.received).toHaveLength(1);
  if (!look.ok) throw new Error(look.problem.detail);
  const { service, volumes, deployments, executions, platform } = look.value;
  expect(service.ok && deployments.ok && liveDeployment(service.value, deployments.value)?.id).toBe(
    "d1",
  );
  expect(volumes).toMatchObject({ value: [{ state: "READY", currentSizeMB: 12.5 }] });
  expect(executions).toMatchObject({ value: [{ id: "e1", deploymentId: "d1" }] });
  expect(platform.state).toBe("well");
  await railway.close();
});

describe("a part that fails costs only that part", () => {
  test("with partial data", async () => {
    const data = { ...LOOK, executions: null };
    const errors = [{ message: "Problem processing request", path: ["executions"], traceId: "t7" }];
    await using server = await stubServer(answering({ data, errors }));
    const railway = client(server.url);
    const look = await railway.look("s-postgres", LOOKING);
    expect(look).toMatchObject({
      value: { executions: { ok: false, problem: { code: "railway-refused" } } },
    });
    expect(look).toMatchObject({ value: { service: { ok: true }, deployments: { ok: true } } });
    expect(JSON.stringify(look)).toContain("t7");
    expect(server.received).toHaveLength(1);
    await railway.close();
  });

  test("with the whole data emptied by one non-null root, as Railway's schema demands", async () => {
    await using server = await stubServer(failing("executions", "Problem processing request"));
    const railway = client(server.url);
    const look = await railway.look("s-postgres", LOOKING);
    expect(look).toMatchObject({ value: { executions: { ok: false }, service: { ok: true } } });
    expect(server.received).toHaveLength(2);
    // It may be a passing fault and evidence hangs on it: asked for again next time.
    await railway.look("s-postgres", LOOKING);
    expect(partsOf(server.received[2])).toContain("executions");
    await railway.close();
  });

  test("what the token may not read is left alone for ten minutes, so a look stays one request", async () => {
    const clock = standingClock();
    await using server = await stubServer(failing("platform", "Not Authorized"));
    const railway = client(server.url, { clock });
    await railway.look("s-postgres", LOOKING);
    const before = server.received.length;
    await railway.look("s-postgres", LOOKING);
    const asked = server.received.slice(before).filter((one) => one.url.startsWith("/graphql"));
    expect(asked.map(partsOf)).toEqual([["environment", "deployments", "executions"]]);
    clock.at += 11 * MINUTE_MS;
    const later = server.received.length;
    await railway.look("s-postgres", LOOKING);
    expect(partsOf(server.received[later])).toContain("platform");
    await railway.close();
  });

  test("a part of an unexpected shape", async () => {
    const data = { ...LOOK, deployments: { edges: [{ node: { id: 7 } }] } };
    await using server = await stubServer(answering({ data }));
    const railway = client(server.url);
    expect(await railway.look("s-postgres", LOOKING)).toMatchObject({
      value: { deployments: { ok: false, problem: { code: "railway-unreadable" } } },
    });
    await railway.close();
  });
});

describe("a part the server does not know any more", () => {
  test.each([200, 400])(
    "is found one by one and left out from then on (HTTP %i)",
    async (status) => {
      await using server = await stubServer(unknowing("executions", status));
      const railway = client(server.url);
      const look = await railway.look("s-postgres", LOOKING);
      expect(look).toMatchObject({
        value: {
          executions: { ok: false, problem: { code: "railway-schema" } },
          service: { ok: true },
          deployments: { ok: true },
          platform: { state: "well" },
        },
      });
      expect(server.received.map(partsOf).map((parts) => parts.length)).toEqual([4, 1, 1, 1, 1]);
      expect(Object.keys(railway.leftOut())).toEqual(["executions"]);
      const again = await railway.look("s-postgres", LOOKING);
      expect(again).toMatchObject({ value: { executions: { ok: false }, service: { ok: true } } });
      expect(partsOf(server.received[5])).toEqual(["environment", "deployments", "platform"]);
      expect(server.received).toHaveLength(6);
      await railway.close();
    },
  );

  test("a document that is too heavy is asked in pieces", async () => {
    await using server = await stubServer((received, response) => {
      const parts = partsOf(received);
      const body =
        parts.length > 1
          ? { data: null, errors: [{ message: "Problem processing request" }] }
          : { data: LOOK };
      answering(body)(received, response);
    });
    const railway = client(server.url);
    const look = await railway.look("s-postgres", LOOKING);
    expect(look).toMatchObject({ value: { executions: { ok: true }, service: { ok: true } } });
    expect(railway.leftOut()).toEqual({});
    await railway.close();
  });
});

test("when nothing answers the look fails as a whole", async () => {
  const body = { data: null, errors: [{ message: "Project Token not found" }] };
  await using server = await stubServer(answering(body));
  const railway = client(server.url);
  expect(await railway.look("s-postgres", LOOKING)).toMatchObject({
    ok: false,
    problem: { code: "railway-bad-token" },
  });
  expect(server.received).toHaveLength(1);
  await railway.close();
});

test("a whole that failed on every part is asked for in full the next time", async () => {
  await using server = await stubServer((received, response) => {
    const errors = partsOf(received).map((part) => ({ message: "Not Authorized", path: [part] }));
    answering({ data: null, errors })(received, response);
  });
  const railway = client(server.url);
  expect(await railway.look("s-postgres", LOOKING)).toMatchObject({
    ok: false,
    problem: { code: "railway-not-authorized" },
  });
  server.react = answering({ data: LOOK });
  expect((await railway.look("s-postgres", LOOKING)).ok).toBe(true);
  await railway.close();
});

/** Names of the root fields a request asks for. */
function partsOf(received: Received | undefined): readonly string[] {
  return [...(received?.query ?? "").matchAll(/^ {2}(\w+): /gm)].map((match) => match[1] ?? "");
}

/** A server whose resolver of one part fails: null goes up to the root, as for every non-null field. */
function failing(part: Part, message: string): Reaction {
  return (received, response) => {
    if (!partsOf(received).includes(part)) return answering({ data: LOOK })(received, response);
    return answering({ data: null, errors: [{ message, path: [part] }] })(received, response);
  };
}

/** A server whose schema has lost one part: it refuses every document that names it. */
function unknowing(part: Part, status: number): Reaction {
  const message = 'Cannot query field "deploymentInstanceExecutions" on type "Query".';
  return (received, response) => {
    if (!partsOf(received).includes(part)) return answering({ data: LOOK })(received, response);
    return answering({ errors: [{ message, locations: [] }] }, status)(received, response);
  };
}
