import { describe, expect, test } from "vitest";

import { fromApi, fromFeed } from "./platform.ts";

const incident = (status: string) => ({ message: "Builds are slow", status });

describe("what the API says", () => {
  test.each([
    [{ isStable: true, incident: null, maintenance: null }, "well"],
    [{ isStable: false, incident: null, maintenance: null }, "trouble"],
    [{ isStable: true, incident: incident("RESOLVED"), maintenance: null }, "well"],
    [{ isStable: true, incident: incident("INVESTIGATING"), maintenance: null }, "trouble"],
    [{ isStable: true, incident: incident("A_WORD_OF_TOMORROW"), maintenance: null }, "trouble"],
    [{ isStable: true, incident: null, maintenance: incident("NOTSTARTEDYET") }, "well"],
    [{ isStable: true, incident: null, maintenance: incident("INPROGRESS") }, "trouble"],
  ])("%j", (status, state) => {
    expect(fromApi(status).state).toBe(state);
  });
});

describe("what the status feed says", () => {
  const component = (status: string) => ({ id: "c", name: "Builds", status, type: "component" });
  test.each([
    [{ components: [component("OPERATIONAL")], incidents: [], maintenances: [] }, "well"],
    [{ components: [component("Operational")] }, "well"],
    [{ components: [component("DEGRADED_PERFORMANCE")], incidents: [] }, "trouble"],
    [{ components: [component("SPARKLING")] }, "trouble"],
    [{ components: [{ id: "c", name: "Builds" }] }, "trouble"],
    [
      { components: [{ name: "Regions", type: "group", components: [component("MAJOR_OUTAGE")] }] },
      "trouble",
    ],
    [
      { components: [component("OPERATIONAL")], incidents: [{ title: "t", status: "MONITORING" }] },
      "trouble",
    ],
    [
      {
        components: [component("OPERATIONAL")],
        incidents: [{ title: "t", status: "RESOLVED", resolvedAt: "2026-11-23T01:00:00Z" }],
      },
      "well",
    ],
    [
      {
        components: [component("OPERATIONAL")],
        maintenances: [{ title: "t", status: "not_started_yet" }],
      },
      "well",
    ],
  ])("%j", (feed, state) => {
    expect(fromFeed(feed)?.state).toBe(state);
  });

  test.each([[{}], [null], ["<html>"], [{ components: [] }], [{ components: "none" }]])(
    "%j is no feed, so nothing is concluded",
    (feed) => {
      expect(fromFeed(feed)).toBeNull();
    },
  );
});
