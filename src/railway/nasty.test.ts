import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

import { describe, expect, test } from "vitest";

import {
  ACTING,
  answering,
  client,
  ENVIRONMENT,
  LOOKING,
  standingClock,
  stubServer,
  TOKEN,
  type Reaction,
} from "./stub-server.ts";

const html =
  (status: number): Reaction =>
  (_received, response) => {
    response.writeHead(status, { "content-type": "text/html" });
    response.end(
      "<html><head><title>Access denied</title></head><body>Access denied</body></html>",
    );
  };
const text =
  (body: string): Reaction =>
  (_received, response) =>
    void response.end(body);
const cut: Reaction = (_received, response) => void response.destroy();
const hang: Reaction = () => undefined;
const huge: Reaction = (_received, response) => {
  response.write('{"data":"');
  const more = () => {
    while (!response.destroyed && response.write("x".repeat(64 * 1024)));
    if (!response.destroyed) response.once("drain", more);
  };
  more();
};
const halfway: Reaction = (_received, response) => {
  response.writeHead(200, { "content-length": "1000" });
  response.write('{"data":');
  setTimeout(() => response.destroy(), 20);
};

const PATIENCE = { queryDeadlineMs: 250, mutationDeadlineMs: 250 };

describe("a query", () => {
  const problems: [string, Reaction, string][] = [
    ["HTML 403 of an edge", html(403), "railway-unreadable"],
    ["401", html(401), "railway-bad-token"],
    ["502 twice", html(502), "railway-unreachable"],
    ["garbage", text("\u0000\u0001 not json"), "railway-unreadable"],
    ["JSON that is no GraphQL", text('{"ok":true}'), "railway-unreadable"],
    ["JSON null", text("null"), "railway-unreadable"],
    ["an empty body", text(""), "railway-unreadable"],
    ["errors without words", answering({ errors: [{}] }), "railway-refused"],
    ["data null and no errors", answering({ data: null }), "railway-unreadable"],
    ["an endless body", huge, "railway-unreadable"],
    ["no answer", hang, "railway-unreachable"],
    ["cut twice", cut, "railway-unreachable"],
    ["cut in the body twice", halfway, "railway-unreachable"],
    [
      "a redirect",
      (_received, response) => void response.writeHead(302, { location: "/" }).end(),
      "railway-unreadable",
    ],
  ];
  test.each(problems)("%s", async (_name, reaction, code) => {
    await using server = await stubServer(reaction);
    const railway = client(server.url, { ...PATIENCE, queryDeadlineMs: 1_000 });
    const result = await railway.environment(LOOKING);
    expect(result).toMatchObject({ ok: false, problem: { code } });
    expect(result).not.toHaveProperty("ambiguous");
    expect(server.received.length).toBeLessThanOrEqual(2);
    await railway.close();
  });

  test.each([
    ["a cut connection", cut],
    ["a gateway's error", html(503)],
  ])("is sent once more after %s", async (_name, first) => {
    await using server = await stubServer((received, response) => {
      const reaction =
        server.received.length === 1 ? first : answering({ data: { environment: ENVIRONMENT } });
      reaction(received, response);
    });
    const railway = client(server.url);
    expect((await railway.environment(LOOKING)).ok).toBe(true);
    expect(railway.budget().used).toBe(2);
    await railway.close();
  });

  test("ends with its caller's signal, at once", async () => {
    await using server = await stubServer(hang);
    const railway = client(server.url);
    const ending = new AbortController();
    const begun = performance.now();
    const asked = railway.environment({ signal: ending.signal, purpose: "look" });
    setTimeout(() => ending.abort(), 50);
    expect(await asked).toMatchObject({ ok: false, problem: { code: "railway-unreachable" } });
    expect(performance.now() - begun).toBeLessThan(500);
    expect(server.received).toHaveLength(1);
    await railway.close();
  });
});

describe("429", () => {
  test.each([
    ["seconds", "7"],
    ["a date", "Mon, 23 Nov 2026 03:00:07 GMT"],
  ])("with Retry-After as %s silences even acts until then", async (_name, retryAfter) => {
    const clock = standingClock();
    await using server = await stubServer(html(429));
    server.react = (received, response) => {
      response.setHeader("retry-after", retryAfter);
      html(429)(received, response);
    };
    const railway = client(server.url, { clock });
    const refused = {
      ok: false,
      problem: { code: "railway-rate-limited", retryAt: clock.at + 7_000 },
    };
    expect(await railway.environment(LOOKING)).toMatchObject(refused);
    server.react = answering({ data: { deploymentRestart: true } });
    clock.at += 6_999;
    const restart = await railway.restart("d1", ACTING);
    expect(restart).toMatchObject(refused);
    expect(restart).not.toHaveProperty("ambiguous");
    expect(server.received).toHaveLength(1);
    clock.at += 1;
    expect((await railway.restart("d1", ACTING)).ok).toBe(true);
    await railway.close();
  });

  test("told as a GraphQL error counts the same", async () => {
    const clock = standingClock();
    const errors = [{ message: "Rate limit exceeded, retry in 20 seconds" }];
    await using server = await stubServer(answering({ data: null, errors }));
    const railway = client(server.url, { clock });
    const refused = { problem: { code: "railway-rate-limited", retryAt: clock.at + 20_000 } };
    expect(await railway.environment(LOOKING)).toMatchObject(refused);
    expect(await railway.environment(LOOKING)).toMatchObject(refused);
    expect(server.received).toHaveLength(1);
    await railway.close();
  });

  test("of one service's deployments silences nothing else", async () => {
    const errors = [{ message: "Service deployment rate limit exceeded" }];
    await using server = await stubServer(answering({ data: null, errors }));
    const railway = client(server.url);
    const refused = await railway.restart("d1", ACTING);
    expect(refused).toMatchObject({ ok: false, problem: { code: "railway-rate-limited" } });
    expect(railway.budget().blockedUntil).toBeNull();
    await railway.close();
  });
});

describe("a restart", () => {
  test("is sent once, with the id, and accepted", async () => {
    await using server = await stubServer(answering({ data: { deploymentRestart: true } }));
    const railway = client(server.url);
    expect(await railway.restart("d1", ACTING)).toEqual({ ok: true, value: { accepted: true } });
    expect(server.received[0]).toMatchObject({ variables: { id: "d1" }, operationName: "Restart" });
    await railway.close();
  });

  const unclear: [string, Reaction][] = [
    ["no answer", hang],
    ["a cut connection", cut],
    ["a cut body", halfway],
    ["502", html(502)],
    ["503 with a GraphQL body", answering({ data: null, errors: [{ message: "upstream" }] }, 503)],
    ["HTML of an edge", html(403)],
    ["garbage", text("garbage")],
    ["an endless body", huge],
    ["neither true nor an error", answering({ data: { deploymentRestart: null } })],
  ];
  test.each(unclear)(
    "may have happened after %s, and is not sent again",
    async (_name, reaction) => {
      await using server = await stubServer(reaction);
      const railway = client(server.url, { ...PATIENCE, mutationDeadlineMs: 1_000 });
      expect(await railway.restart("d1", ACTING)).toMatchObject({ ok: false, ambiguous: true });
      expect(server.received).toHaveLength(1);
      await railway.close();
    },
  );

  const clear: [string, Reaction, string][] = [
    [
      "errors",
      answering({ data: null, errors: [{ message: "Not Authorized" }] }),
      "railway-not-authorized",
    ],
    [
      "errors with 400",
      answering({ errors: [{ message: "Deployment not found" }] }, 400),
      "railway-refused",
    ],
    ["false", answering({ data: { deploymentRestart: false } }), "railway-refused"],
    ["429", html(429), "railway-rate-limited"],
    ["401", html(401), "railway-bad-token"],
  ];
  test.each(clear)("did not happen after %s", async (_name, reaction, code) => {
    await using server = await stubServer(reaction);
    const railway = client(server.url);
    const result = await railway.restart("d1", ACTING);
    expect(result).toMatchObject({ ok: false, problem: { code } });
    expect(result).not.toHaveProperty("ambiguous");
    await railway.close();
  });

  test.each([
    ["nothing listens", "http://127.0.0.1:1"],
    ["the name is unknown", "http://nowhere.invalid"],
  ])("did not happen when %s", async (_name, url) => {
    const railway = client(url);
    const result = await railway.restart("d1", ACTING);
    expect(result).toMatchObject({ ok: false, problem: { code: "railway-unreachable" } });
    expect(result).not.toHaveProperty("ambiguous");
    await railway.close();
  });

  test("did not happen when its caller had given up before", async () => {
    await using server = await stubServer(answering({ data: { deploymentRestart: true } }));
    const railway = client(server.url);
    const result = await railway.restart("d1", { signal: AbortSignal.abort(), purpose: "act" });
    expect(result).toMatchObject({ ok: false });
    expect(result).not.toHaveProperty("ambiguous");
    expect(server.received).toHaveLength(0);
    await railway.close();
  });

  test("did not happen when the encrypted connection never came about", async () => {
    const { server, port } = await mute();
    const railway = client(`https://127.0.0.1:${port}`, PATIENCE);
    const result = await railway.restart("d1", ACTING);
    expect(result).toMatchObject({ ok: false, problem: { code: "railway-unreachable" } });
    expect(result).not.toHaveProperty("ambiguous");
    await railway.close();
    await server();
  });

  test("given up by its caller while it was under way may have happened", async () => {
    await using server = await stubServer(hang);
    const railway = client(server.url);
    const ending = new AbortController();
    const asked = railway.restart("d1", { signal: ending.signal, purpose: "act" });
    await expect.poll(() => server.received.length).toBe(1);
    ending.abort();
    expect(await asked).toMatchObject({ ok: false, ambiguous: true });
    await railway.close();
  });
});

test("whatever Railway says, the token is in no problem", async () => {
  const echo: Reaction = (received, response) => {
    const said = JSON.stringify(received.headers);
    answering({ data: null, errors: [{ message: said, traceId: TOKEN }] })(received, response);
  };
  const echoHtml: Reaction = (received, response) => {
    response.writeHead(403, { "content-type": "text/html" });
    response.end(`denied ${String(received.headers["project-access-token"])}`);
  };
  await using server = await stubServer(echo);
  const railway = client(server.url);
  for (const reaction of [echo, echoHtml]) {
    server.react = reaction;
    const results = [
      await railway.environment(LOOKING),
      await railway.look("s", LOOKING),
      await railway.restart("d1", ACTING),
      await railway.identify(LOOKING),
    ];
    expect(JSON.stringify(results)).toContain("[token]");
    expect(JSON.stringify(results)).not.toContain(TOKEN);
  }
  await railway.close();
});

/** Accepts connections and says nothing: a TLS handshake never ends. */
async function mute(): Promise<{ server: () => Promise<void>; port: number }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    server: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
