import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import type { Outcome } from "./run.ts";

/** The command `npm run chaos`. */
export const MAIN = join(import.meta.dirname, "main.ts");

/** Plays seeds in a process of its own, whose memory goes with it. False when it died before it had played them all. */
export async function playInChild(
  from: number,
  seeds: number,
  onOutcome: (outcome: Outcome) => void,
): Promise<boolean> {
  let played = 0;
  const args = ["--from", String(from), "--seeds", String(seeds)];
  const child = fork(MAIN, args, { stdio: ["ignore", "inherit", "inherit", "ipc"], execArgv: [] });
  child.on("message", (outcome: Outcome) => {
    played += 1;
    onOutcome(outcome);
  });
  await once(child, "close");
  return played === seeds;
}
