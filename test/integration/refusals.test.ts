import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { describe, expect, it } from "vitest";

import { createPanel } from "../../src/detectors/panel.ts";
import { createProbe } from "../../src/probes/index.ts";

/**
 * What the app refuses because a switch of ours is on: looked at through real HTTP, judged by all detectors as they are shipped. It
 * opens nothing, and it is no health either.
 */
const LOOK_MS = 10_000;
const PER_LOOK = 100;
const NEVER = new AbortController().signal;

type Answer = "good" | "bad" | "refused";

/** An app that answers as it is told, and counts as the twin's does. */
async function startApp() {
  const counts = { good: 0, bad: 0, refused: 0 };
  let present: Answer = "good";
  const server = createServer((request, response) => {
    if (request.url === "/metrics") {
      response.end(`http_requests_total{status="200",switch=""} ${counts.good}
http_requests_total{status="503",switch=""} ${counts.bad}
http_requests_total{status="503",switch="read-only"} ${counts.refused}
process_start_time_seconds 1700000000
`);
      return;
    }
    const headers = present === "refused" ? { "x-signalman-switch": "read-only" } : {};
    response.writeHead(present === "good" ? 200 : 503, headers).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve(answer: Answer): void {
      present = answer;
      counts[answer] += PER_LOOK;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** For each probe and detector in turn: what it said of each look, of a clock that goes ten seconds between two. */
async function judged(kind: "http" | "prometheus", series: readonly [Answer, number][]) {
  await using app = await startApp();
  let now = Date.UTC(2026, 10, 25, 9);
  const probe = createProbe(kind, {
    target: "api",
    name: kind,
    config: { path: kind === "http" ? "/trades" : "/metrics" },
    baseUrl: app.url,
    now: () => now,
  });
  const panel = createPanel({ target: "api", probe: kind, opens: "service-down" });
  const name = kind === "http" ? "up" : "error-share";
  const said: { answer: Answer; state: string }[] = [];
  for (const [answer, looks] of series) {
    for (let look = 0; look < looks; look += 1) {
      app.serve(answer);
      now += LOOK_MS;
      const observations = await probe.look(NEVER);
      const verdicts = observations.flatMap((one) => panel.judge(one).map((each) => each.verdict));
      for (const verdict of verdicts)
        if (verdict.signal.name === name) said.push({ answer, state: verdict.state });
      const broken = verdicts.filter(
        ({ signal, state }) => signal.name !== name && state === "breached",
      );
      expect(broken).toEqual([]);
    }
  }
  await probe.close();
  const of = (answer: Answer) => [
    ...new Set(said.filter((one) => one.answer === answer).map(({ state }) => state)),
  ];
  return { of };
}

describe.each(["http", "prometheus"] as const)("what a switch of ours refuses, by %s,", (kind) => {
  it("opens nothing, and a failure of the same size does", async () => {
    const { of } = await judged(kind, [
      ["good", 30],
      ["refused", 60],
      ["good", 1],
      ["bad", 30],
    ]);
    expect(of("refused")).not.toContain("breached");
    expect(of("refused")).not.toContain("missing");
    expect(of("bad")).toContain("breached");
  });

  it("ends no failure, however long it lasts, and answers that are good do", async () => {
    const { of } = await judged(kind, [
      // Longer than the refusals last: of what is refused for most of an hour a flood is left when users are back.
      ["good", 240],
      ["bad", 30],
      ["refused", 120],
      ["bad", 1],
      ["good", 90],
    ]);
    expect(of("bad")).toContain("breached");
    expect(of("refused")).not.toContain("healthy");
    expect(of("good")).toContain("healthy");
  });
});
