import { tmpdir } from "node:os";
import { join } from "node:path";

import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Servers and daemons are started hundreds of times: what they consist of is compiled once. */
process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), "signalman-compile-cache");

/** Suites with daemons of their own take minutes: begun last, one of them would keep a single core busy at the end. */
class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => Number(isSlow(b)) - Number(isSlow(a)));
  }
}

function isSlow({ moduleId }: TestSpecification): boolean {
  return /\/test\/(kill|integration)\//.test(moduleId);
}

export default defineConfig({
  test: {
    include: ["{src,state-machines,twin,test}/**/*.test.ts"],
    sequence: { sequencer: SlowFirst },
    // Suites with real servers and child processes wait for a good part of their time: two workers leave cores idle.
    maxWorkers: 3,
    // No file leaves anything behind, and a worker of its own for each would load the same libraries two hundred times.
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
  },
});
