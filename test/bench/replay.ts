import { once } from "node:events";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";

const ROOT = join(import.meta.dirname, "..", "..");
const EVERY_MS = 10_000;
const PER_DAY = 86_400_000 / EVERY_MS;
const SIGNALS = 6;

/** What the real command took for a recording of so many lines. */
export interface Measured {
  readonly lines: number;
  readonly seconds: number;
  /** Of all threads; the machine's other work is not in it. */
  readonly cpuSeconds: number;
  readonly peakMb: number;
  /** The lines that it wrote. */
  readonly output: readonly string[];
}

/** Replays so many days of six signals every ten seconds with `bin/signalman`, as a child. Rejects when it fails. */
export async function measureReplay(days: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "signalman-bench-"));
  try {
    const file = join(folder, "samples.ndjson");
    await generate(file, days);
    const hook = join(import.meta.dirname, "usage.ts");
    const begun = performance.now();
    const usageFile = join(folder, "usage.json");
    const { stdout } = await execa(
      process.execPath,
      ["--import", hook, join(ROOT, "bin", "signalman"), "replay", "--samples", file],
      {
        stdio: ["ignore", "pipe", "inherit"],
        env: { USAGE_FILE: usageFile },
        maxBuffer: 100_000_000,
      },
    );
    const seconds = (performance.now() - begun) / 1_000;
    const usage = JSON.parse(readFileSync(usageFile, "utf8")) as {
      peakKib: number;
      cpuMicros: number;
    };
    return {
      lines: days * PER_DAY * SIGNALS,
      seconds,
      cpuSeconds: usage.cpuMicros / 1e6,
      peakMb: (usage.peakKib * 1_024) / 1e6,
      output: stdout.split("\n").filter((line) => line !== ""),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An app with a daily rhythm, a few failed requests and a sawtooth of memory; always the same. */
async function generate(file: string, days: number): Promise<void> {
  const random = seeded(42);
  const out = createWriteStream(file);
  for (let day = 0; day < days; day += 1) {
    const lines: string[] = [];
    for (let look = 0; look < PER_DAY; look += 1) {
      const ts = 1_700_000_000_000 + (day * PER_DAY + look) * EVERY_MS;
      const load = 1 + 0.5 * Math.sin((look / PER_DAY) * 2 * Math.PI);
      const values = {
        up: 1,
        requests: Math.round(50 * load + 10 * random()),
        failed: random() < 0.05 ? 1 : 0,
        latency_p95_ms: Math.round(1_200 + 300 * random() + 200 * load) / 10,
        memory_used: Math.round(300e6 + 1e5 * (look % 360) + 1e6 * random()),
        inflight: Math.round(5 * load + 3 * random()),
      };
      for (const [signal, value] of Object.entries(values))
        lines.push(`${JSON.stringify({ ts, target: "api", signal, value })}\n`);
    }
    if (!out.write(lines.join(""))) await once(out, "drain");
  }
  out.end();
  await once(out, "close");
}

/** Numerical Recipes' linear congruential generator: enough for noise, and the same everywhere. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
