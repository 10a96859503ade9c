import { describe, expect, it } from "vitest";

import { Theatre } from "../../test/support/theatre.ts";

const API = { target: "api", probe: "health" };
const ERRORS = { target: "api", probe: "errors" };

describe("an incident with several signals", () => {
  it("is not over while another signal that opens the same kind is breached", () => {
    const stage = new Theatre()
      .verdict("breached", ERRORS)
      .verdict("breached", { ...ERRORS, probe: "slowness" });
    expect(Object.values(stage.world.incidents)).toHaveLength(1);
    for (let look = 0; look < 10; look += 1) stage.verdict("healthy", ERRORS);
    expect(stage.incident.closedAt).toBeNull();
    stage.verdict("healthy", { ...ERRORS, probe: "slowness" });
    for (let look = 0; look < 3; look += 1) stage.verdict("healthy", ERRORS);
    expect(stage.incident.ending).toBe("resolved");
  });

  it("is over while another signal is only inconclusive", () => {
    const stage = new Theatre()
      .verdict("breached", ERRORS)
      .verdict("inconclusive", { ...ERRORS, probe: "slowness" });
    for (let look = 0; look < 3; look += 1) stage.verdict("healthy", ERRORS);
    expect(stage.incident.ending).toBe("resolved");
  });
});

describe("soon after a start", () => {
  function started(): Theatre {
    const stage = new Theatre();
    stage.watchingSince = stage.now;
    return stage.pass(100);
  }

  it("a symptom opens nothing before what it needs was looked at", () => {
    const stage = started().verdict("breached", API);
    expect(Object.values(stage.world.incidents)).toEqual([]);
    stage.verdict("healthy").verdict("breached", API);
    expect(stage.incident).toMatchObject({ kind: "service-down", target: "api" });
  });

  it("a symptom belongs to what it needs when that is found breached", () => {
    const stage = started().verdict("breached", API).verdict("breached").verdict("breached", API);
    expect(Object.values(stage.world.incidents)).toMatchObject([
      { kind: "database-down", symptoms: ["api|health|up"] },
    ]);
  });

  it("a symptom opens after the longest time in which an upstream would have been seen", () => {
    const stage = started();
    const { detectMsMax } = stage.rules.targets["postgres"] ?? { detectMsMax: 0 };
    stage.verdict("breached", API).pass(detectMsMax).verdict("breached", API);
    expect(stage.incident).toMatchObject({ kind: "service-down", target: "api" });
  });
});

describe("what explains what", () => {
  it("lets a leak of something that is needed explain no outage", () => {
    const stage = new Theatre()
      .verdict("healthy")
      .verdict("breached", { probe: "leak", name: "memory-leak" })
      .verdict("breached", API);
    expect(Object.values(stage.world.incidents).map(({ kind }) => kind)).toEqual([
      "memory-leak",
      "service-down",
    ]);
  });

  it("takes the errors of a service that is down for its symptom", () => {
    const stage = new Theatre()
      .verdict("healthy")
      .verdict("breached", { ...API, probe: "rates", name: "error-share" });
    expect(stage.incident.kind).toBe("high-error-rate");
    stage.verdict("breached", API);
    expect(Object.values(stage.world.incidents)).toMatchObject([
      { kind: "high-error-rate", ending: "attached" },
      { kind: "service-down", closedAt: null, symptoms: ["api|rates|error-share"] },
    ]);
  });
});

describe("blindness", () => {
  it("is told once for a probe, however many of its signals are missing", () => {
    const stage = new Theatre();
    for (const name of ["error-share", "burn-rate", "memory-leak"])
      stage.verdict("missing", { target: "api", probe: "prometheus", name });
    expect(stage.told).toEqual(["blind"]);
    for (const name of ["error-share", "memory-leak"])
      stage.verdict("inconclusive", { target: "api", probe: "prometheus", name });
    expect(stage.told).toEqual(["blind"]);
    stage.verdict("inconclusive", { target: "api", probe: "prometheus", name: "burn-rate" });
    expect(stage.told).toEqual(["blind", "seeing"]);
  });

  it("of whether it answers is not over with a look that could not say", () => {
    const stage = new Theatre().verdict("missing", API).verdict("inconclusive", API);
    expect(stage.told).toEqual(["blind"]);
    stage.verdict("healthy", API);
    expect(stage.told).toEqual(["blind", "seeing"]);
  });
});

describe("a failure that began after the last look at what the target needs", () => {
  it("waits for that look, and belongs to what it shows", () => {
    const stage = new Theatre().verdict("healthy").pass(3_000).verdict("breached", API);
    expect(Object.values(stage.world.incidents)).toEqual([]);
    stage.verdict("inconclusive", { failing: true }).verdict("breached", API);
    expect(Object.values(stage.world.incidents)).toEqual([]);
    stage.verdict("breached").verdict("breached", API);
    expect(stage.incident).toMatchObject({ kind: "database-down", symptoms: ["api|health|up"] });
    expect(Object.values(stage.world.incidents)).toHaveLength(1);
  });

  it("opens when that look finds it well, or when none comes in its time", () => {
    const seen = new Theatre().verdict("healthy").pass(3_000).verdict("breached", API);
    seen.verdict("healthy").verdict("breached", API);
    expect(seen.incident.kind).toBe("service-down");
    const unseen = new Theatre().verdict("healthy").pass(3_000).verdict("breached", API);
    unseen.pass(8_000).verdict("breached", API);
    expect(unseen.incident.kind).toBe("service-down");
  });
});
