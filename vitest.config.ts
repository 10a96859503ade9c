import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{src,state-machines,twin,test}/**/*.test.ts"],
    // Suites start real servers and child processes; on two cores more workers only fight each other.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
  },
});
