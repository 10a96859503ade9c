import { describe, expect, it } from "vitest";

import { createLifecycle } from "./lifecycle.ts";

describe("lifecycle", () => {
  it("closes the last opened first, each once, however often it is asked", async () => {
    const lifecycle = createLifecycle(1_000);
    const closed: string[] = [];
    for (const name of ["store", "probes", "loops"])
      lifecycle.onStop(name, () => void closed.push(name));
    const [first, second] = await Promise.all([lifecycle.stop(), lifecycle.stop()]);
    expect(closed).toEqual(["loops", "probes", "store"]);
    expect(first).toEqual([]);
    expect(second).toBe(first);
  });

  it("names what fails and what hangs, and closes the rest within its time", async () => {
    const lifecycle = createLifecycle(300);
    const closed: string[] = [];
    lifecycle.onStop("store", () => void closed.push("store"));
    lifecycle.onStop("broken", () => {
      throw new Error("cannot");
    });
    lifecycle.onStop("hanging", () => new Promise(() => undefined));
    const begun = performance.now();
    expect(await lifecycle.stop()).toEqual([
      expect.stringMatching(/^hanging: not closed within/),
      "broken: cannot",
    ]);
    expect(performance.now() - begun).toBeLessThan(1_500);
    expect(closed).toEqual(["store"]);
  });
});
