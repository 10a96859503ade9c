import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { writeFileSync } from "node:fs";

import { execa } from "execa";
import { expect, it, onTestFinished } from "vitest";

import { layPause } from "../storage/pause-file.ts";
import { folder } from "./reading.fixture.ts";

const BIN = join(import.meta.dirname, "..", "..", "bin", "signalman");

it("says with its cry for help, which needs no journal, that it is paused too", async () => {
  const data = folder();
  writeFileSync(join(data, "journal.db"), "this is no journal ".repeat(500));
  const config = join(data, "signalman.yaml");
  writeFileSync(
    config,
    "version: 1\ntargets: [{ name: api, probes: [{ kind: http, url: http://127.0.0.1:9 }] }]\nslack: { webhook: { env: HOOK } }\n",
  );
  layPause(data, { by: "ann", since: 0, target: null, includingUndo: false }, Date.now());
  const heard: string[] = [];
  const slack = createServer((asked, response) => {
    asked.setEncoding("utf8").on("data", (text: string) => void heard.push(text));
    asked.on("end", () => void response.end("ok"));
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void slack.close());
  await once(slack, "listening");
  const { port } = slack.address() as AddressInfo;
  const ran = await execa(process.execPath, [BIN, "start", "--config", config], {
    env: { PATH: process.env["PATH"], HOOK: `http://127.0.0.1:${port}/x`, SIGNALMAN_DATA: data },
    extendEnv: false,
    reject: false,
  });
  expect(ran.exitCode).toBe(1);
  expect(heard.join("")).toContain("I cannot open my journal and guard nothing");
  expect(heard.join("")).toContain("(Paused: everything, by ann, until it is resumed.)");
}, 30_000);
