import { describe, expect, test } from "vitest";

import type { Call } from "../graphql.ts";
import type { Result } from "../result.ts";
import { ACTING, answering, client, stubServer, type Reaction } from "../stub-server.ts";
import type { Acts } from "./index.ts";

// Every act under every way Railway can fail: sent once, and ambiguous whenever it may have been carried out.

const ACTS: readonly (readonly [
  field: string,
  answer: unknown,
  act: (acts: Acts, call: Call) => Promise<Result<unknown>>,
])[] = [
  ["deploymentRestart", true, (acts, call) => acts.restart("d1", call)],
  ["deploymentRollback", true, (acts, call) => acts.rollback("d1", call)],
  ["deploymentRedeploy", { id: "d2" }, (acts, call) => acts.redeploy("d1", call)],
  ["serviceInstanceRedeploy", true, (acts, call) => acts.redeployService("s1", call)],
  ["serviceInstanceDeployV2", "d2", (acts, call) => acts.deployCommit("s1", null, call)],
  ["deploymentCancel", true, (acts, call) => acts.cancel("d1", call)],
  [
    "serviceInstanceAutoDeployUpdate",
    { enabled: false },
    (acts, call) => acts.setAutodeploy("s1", false, call),
  ],
  ["variableUpsert", true, (acts, call) => acts.setVariable("s1", "READ_ONLY", "1", call)],
  ["variableDelete", true, (acts, call) => acts.setVariable("s1", "READ_ONLY", null, call)],
  ["environmentPatchCommit", "p1", (acts, call) => acts.scale("s1", { "us-west2": 2 }, call)],
];

const html: Reaction = (_received, response) => {
  response.writeHead(403, { "content-type": "text/html" }).end("<h1>Access denied</h1>");
};
const cut: Reaction = (_received, response) => void response.destroy();
const refused = answering({ errors: [{ message: "Not Authorized" }], data: null });
const limited = answering({ errors: [{ message: "Rate limit exceeded" }] }, 429, {
  "retry-after": "7",
});
const gateway = answering({ errors: [{ message: "Not Authorized" }], data: null }, 502);

describe.each(ACTS)("%s", (field, answer, act) => {
  test("is taken for accepted only when Railway says so", async () => {
    await using stub = await stubServer(answering({ data: { [field]: answer } }));
    const railway = client(stub.url);
    expect(await act(railway.acts, ACTING)).toMatchObject({ ok: true });
    expect(stub.received).toHaveLength(1);
    await railway.close();
  });

  test.each<[string, Reaction, string, boolean]>([
    ["a cut connection", cut, "railway-unreachable", true],
    ["an HTML page", html, "railway-unreadable", true],
    ["a word nobody knows", answering({ data: { [field]: 7 } }), "railway-unreadable", true],
    ["silence in the answer", answering({ data: { [field]: null } }), "railway-unreadable", true],
    ["a gateway's no", gateway, "railway-not-authorized", true],
    ["a no", refused, "railway-not-authorized", false],
    ["a limit", limited, "railway-rate-limited", false],
    ["false", answering({ data: { [field]: false } }), "railway-refused", false],
  ])("after %s", async (_name, reaction, code, isAmbiguous) => {
    await using stub = await stubServer(reaction);
    const railway = client(stub.url);
    const result = await act(railway.acts, ACTING);
    expect(result).toMatchObject({ ok: false, problem: { code } });
    expect(!result.ok && result.ambiguous === true).toBe(isAmbiguous);
    expect(stub.received).toHaveLength(1);
    await railway.close();
  });
});

test("autodeploy that answers the other way is no yes", async () => {
  const data = { serviceInstanceAutoDeployUpdate: { enabled: true } };
  await using stub = await stubServer(answering({ data }));
  const railway = client(stub.url);
  const result = await railway.acts.setAutodeploy("s1", false, ACTING);
  expect(result).toMatchObject({ ok: false, ambiguous: true });
  await railway.close();
});

test("what stands in variables never comes out with a refusal", async () => {
  const variables = { PASSWORD: "hunter2" };
  await using stub = await stubServer(answering({ data: { variables: [variables] } }));
  const railway = client(stub.url);
  const result = await railway.acts.variables("s1", ACTING);
  expect(result.ok).toBe(false);
  expect(JSON.stringify(result)).not.toContain("hunter2");
  stub.react = answering({ data: { variables } });
  expect(await railway.acts.variables("s1", ACTING)).toMatchObject({
    ok: true,
    value: { names: ["PASSWORD"] },
  });
  await railway.close();
});
