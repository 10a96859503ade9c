import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Notice } from "../../domain/notice.ts";
import { createSlack, render } from "./index.ts";

const notice: Notice = {
  id: "a!1" as never,
  incident: "a" as never,
  kind: "opened",
  at: 0,
  title: "Database down: <!channel> & co",
  lines: ['found "<http://evil|click>"'],
};

describe("slack", () => {
  let server: Server;
  let webhook: string;
  let answer: (response: ServerResponse) => void;
  const received: string[] = [];
  beforeEach(async () => {
    received.length = 0;
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        received.push(body);
        answer(response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/T0/B0/very-secret`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const clock = { now: () => 1_000, until: () => Promise.resolve() };
  const send = (signal: AbortSignal = AbortSignal.timeout(2_000)) =>
    createSlack({ webhook, clock }).send(notice, { repeat: false, skipped: 0, signal });

  it("escapes text of strangers, and marks repeats and what was left out", () => {
    expect(render(notice, { repeat: true, skipped: 3 })).toBe(
      [
        ":rotating_light: *Database down: &lt;!channel&gt; &amp; co*",
        'found "&lt;http://evil|click&gt;"',
        "(3 older messages of this incident were left out.)",
        "(Repeat: I was interrupted and cannot tell whether you have this already.)",
      ].join("\n"),
    );
  });

  it("delivers once", async () => {
    answer = (response) => void response.end("ok");
    expect(await send()).toEqual({ kind: "delivered" });
    expect(received).toHaveLength(1);
  });

  it.each([
    [
      429,
      { "retry-after": "7" },
      { kind: "retry", certain: true, problem: { code: "slack-rate-limited", retryAt: 8_000 } },
    ],
    [
      429,
      {},
      { kind: "retry", certain: true, problem: { code: "slack-rate-limited", retryAt: 2_000 } },
    ],
    [500, {}, { kind: "retry", certain: true, problem: { code: "slack-unreachable" } }],
    [404, {}, { kind: "retry", certain: true, problem: { code: "slack-unreachable" } }],
    [410, {}, { kind: "retry", certain: true, problem: { code: "slack-unreachable" } }],
  ])("answers of %i with %j", async (status, headers, expected) => {
    answer = (response) => void response.writeHead(status, headers).end("no");
    const sending = await send();
    expect(sending).toMatchObject(expected);
    // The outbox retries; the library must not.
    expect(received).toHaveLength(1);
    expect(JSON.stringify(sending)).not.toContain("very-secret");
  });

  it("cannot tell whether a message arrived when the connection is cut or the answer does not come", async () => {
    answer = (response) => void response.socket?.destroy();
    expect(await send()).toMatchObject({ kind: "retry", certain: false });
    answer = () => undefined;
    const begun = performance.now();
    expect(await send(AbortSignal.timeout(200))).toMatchObject({ kind: "retry", certain: false });
    expect(performance.now() - begun).toBeLessThan(1_500);
  });

  it("knows that nothing left when nobody listens, and never shows the address", async () => {
    const sending = await createSlack({
      webhook: "http://127.0.0.1:9/T0/B0/very-secret",
      clock,
    }).send(notice, {
      repeat: false,
      skipped: 0,
      signal: AbortSignal.timeout(2_000),
    });
    expect(sending).toMatchObject({ kind: "retry", problem: { code: "slack-unreachable" } });
    expect(JSON.stringify(sending)).not.toContain("very-secret");
  });
});
