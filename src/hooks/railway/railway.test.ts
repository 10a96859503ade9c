import { expect, it } from "vitest";

import type { Hint } from "../../domain/hint.ts";
import { hook } from "./index.ts";

/** As Railway's own page shows it, with its contradiction: the type says failed, the status building. */
const FAILED = {
  type: "Deployment.failed",
  details: {
    id: "d-1",
    source: "GitHub",
    status: "BUILDING",
    branch: "main",
    commitHash: "0123456789abcdef",
    commitAuthor: "ann",
    commitMessage: "fix: the thing\n\nSigned-off-by: ann",
  },
  resource: {
    workspace: { id: "w-1", name: "TradeSense" },
    project: { id: "p-1", name: "trade" },
    environment: { id: "e-1", name: "production", isEphemeral: false },
    service: { id: "s-1", name: "tradesense-backend" },
    deployment: { id: "d-1" },
  },
  severity: "WARNING",
  timestamp: "2026-11-20T03:12:04.123Z",
};

function read(body: unknown): Hint {
  const reading = hook.read(body, {});
  const [hint] = reading.kind === "hints" ? reading.hints : [];
  if (hint === undefined) throw new Error("no hint");
  return hint;
}

it("believes the type, and takes who it is about", () => {
  expect(read(FAILED)).toEqual({
    about: "Deployment.failed",
    alert: "Deployment.failed",
    words:
      'Deployment.failed of tradesense-backend commit 0123456 "fix: the thing Signed-off-by: ann"',
    state: "note",
    severity: "warning",
    id: "Deployment.failed|d-1|2026-11-20T03:12:04.123Z",
    names: ["s-1", "tradesense-backend"],
    environment: "e-1",
    count: null,
  });
});

it.each([
  ["Deployment.crashed", "note"],
  ["Deployment.oom_killed", "note"],
  ["deployment.oomKilled", "note"],
  ["Deployment.something_new", "note"],
  ["Monitor.triggered", "firing"],
  ["Monitor.resolved", "resolved"],
  ["VolumeAlert.triggered", "firing"],
  ["volume_alert.Resolved", "resolved"],
  ["Monitor.deleted", "note"],
  ["", "note"],
])("%s is a %s", (type, state) => {
  expect(read({ ...FAILED, type })).toMatchObject({ state, about: type });
});

it("knows a repeat by type, deployment and time, and no event without them", () => {
  expect(read(FAILED).id).toBe(read(structuredClone(FAILED)).id);
  expect(read({ ...FAILED, timestamp: "later" }).id).not.toBe(read(FAILED).id);
  expect(read({ ...FAILED, type: "Deployment.crashed" }).id).not.toBe(read(FAILED).id);
  expect(read({ ...FAILED, timestamp: undefined }).id).toBeNull();
  expect(read({ type: "VolumeAlert.triggered", resource: {} })).toMatchObject({
    id: null,
    names: [],
    environment: null,
  });
});

it("tells a pull request's environment from all others", () => {
  const environment = { id: "e-9", name: "pr-7", isEphemeral: true };
  const { resource } = FAILED;
  expect(read({ ...FAILED, resource: { ...resource, environment } }).environment).toBe(
    "ephemeral e-9",
  );
});

it("reads the form of before November 2025", () => {
  const old = {
    type: "DEPLOY",
    timestamp: "2025-02-01T00:00:00.000Z",
    status: "CRASHED",
    project: { id: "p-1", name: "trade" },
    environment: { id: "e-1", name: "production" },
    service: { id: "s-1", name: "tradesense-backend" },
    deployment: { id: "d-1", creator: { name: "ann" } },
  };
  expect(read(old)).toMatchObject({
    about: "DEPLOY CRASHED",
    names: ["s-1", "tradesense-backend"],
    environment: "e-1",
    id: "DEPLOY CRASHED|d-1|2025-02-01T00:00:00.000Z",
  });
});

it.each([
  ["everything of the wrong type", { type: 7, details: [], resource: "x", severity: {} }],
  ["nothing at all", {}],
  ["a service that is only a text", { type: "Deployment.crashed", resource: { service: "api" } }],
])("takes %s as an event without a target", (_, body) => {
  expect(read(body)).toMatchObject({ names: [], environment: null, state: "note" });
});
