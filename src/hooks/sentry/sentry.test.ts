import { createHmac } from "node:crypto";

import { describe, expect, it } from "vitest";

import type { Hint } from "../../domain/hint.ts";
import { hook } from "./index.ts";

const ISSUE_ALERT = {
  action: "triggered",
  actor: { id: "sentry", name: "Sentry", type: "application" },
  installation: { uuid: "a8e5d37a" },
  data: {
    event: {
      event_id: "e4874d664c3540c1a32eab185f12c5ab",
      title: "ReferenceError: heck is not defined",
      level: "error",
      project: 1,
      tags: [
        ["browser", "Chrome 75.0.3770"],
        ["service", "checkout"],
      ],
      url: "https://sentry.io/api/0/projects/test-org/front-end/events/e4874d66/",
      web_url: "https://sentry.io/organizations/test-org/issues/1170820242/events/e4874d66/",
      issue_id: "1170820242",
    },
    triggered_rule: "Very Important Alert Rule!",
  },
};
const METRIC_ALERT = {
  action: "critical",
  data: {
    description_text: "1000 events in the last 10 minutes\nFilter: level:error",
    description_title: "Critical: Too many errors",
    metric_alert: {
      id: "4",
      title: "Too many errors",
      alert_rule: { id: "7", name: "Too many errors", projects: ["backend"] },
    },
    web_url: "https://sentry.io/organizations/bar/alerts/rules/details/7/",
  },
};

function read(resource: string | undefined, body: unknown): Hint {
  const headers = resource === undefined ? {} : { "sentry-hook-resource": resource };
  const reading = hook.read(body, headers);
  const [hint] = reading.kind === "hints" ? reading.hints : [];
  if (hint === undefined) throw new Error("no hint");
  return hint;
}

it("reads an issue alert", () => {
  expect(read("event_alert", ISSUE_ALERT)).toEqual({
    about: "Very Important Alert Rule!",
    alert: "Very Important Alert Rule!",
    words: "ReferenceError: heck is not defined",
    state: "firing",
    severity: "error",
    id: "Very Important Alert Rule!|e4874d664c3540c1a32eab185f12c5ab",
    names: ["checkout", "front-end"],
    environment: null,
    count: null,
  });
});

it.each([
  ["critical", "firing", "critical"],
  ["warning", "firing", "warning"],
  ["resolved", "resolved", "info"],
  ["exploded", "note", "warning"],
])("reads a metric alert that is %s", (action, state, severity) => {
  expect(read("metric_alert", { ...METRIC_ALERT, action })).toMatchObject({
    about: "Too many errors",
    state,
    severity,
    id: "metric|4",
    names: ["backend"],
  });
});

it.each([
  [
    "issue",
    {
      action: "created",
      data: { issue: { id: "1", title: "Boom", level: "fatal", project: { slug: "backend" } } },
    },
  ],
  ["installation", { action: "created", data: { installation: {} } }],
  ["comment", { action: "created", data: { comment: "hello" } }],
  ["something-new", { action: "x" }],
  [undefined, {}],
])("takes %s only as something that happened", (resource, body) => {
  expect(read(resource, body).state).toBe("note");
});

it.each([
  { data: { event: { tags: "none", title: ["x"], url: 7 } } },
  { data: { event: { tags: [["a"], null, ["service", "api", "x"], { key: "service" }] } } },
  { data: null, action: {} },
])("is not led astray by %j", (body) => {
  expect(read("event_alert", body)).toMatchObject({ names: [], id: null, state: "firing" });
});

describe("the signature", () => {
  const secret = "a-client-secret-of-sentry";
  const bytes = Buffer.from(JSON.stringify(ISSUE_ALERT));
  const right = createHmac("sha256", secret).update(bytes).digest("hex");
  const isSigned = (signature: string | undefined, of: Uint8Array = bytes): boolean | undefined =>
    hook.isSigned?.(
      secret,
      of,
      signature === undefined ? {} : { "sentry-hook-signature": signature },
    );

  it("fits the bytes it was made over, and no others", () => {
    expect(isSigned(right)).toBe(true);
    expect(isSigned(right.toUpperCase())).toBe(true);
    expect(isSigned(right, Buffer.from(`${bytes.toString()} `))).toBe(false);
  });

  it.each([undefined, "", "0", "0".repeat(64), "z".repeat(64)])("is refused as %j", (signature) => {
    expect(isSigned(signature)).toBe(false);
  });
});
