import { TRAITS } from "../../src/actions/index.ts";
import type { ActionTraits } from "../../src/domain/attempt.ts";
import { hashOf } from "../../src/domain/ids.ts";
import type { Rules } from "../../src/domain/rules.ts";
import type { Runbook } from "../../src/domain/runbook.ts";

const trait = (kind: string, settleMs: number): ActionTraits => {
  const traits = TRAITS[kind];
  if (traits === undefined) throw new Error(`there is no action ${kind}`);
  return { ...traits, deadlineMs: 1_000, settleMs };
};

export const ACTIONS: Rules["actions"] = {
  look: trait("look", 1_000),
  inspect: trait("inspect", 1_000),
  switch: trait("switch", 2_000),
  restart: trait("restart", 5_000),
};

const databaseDown: Omit<Runbook, "hash"> = {
  name: "database-down",
  machine: "database-down",
  summary: "The database does not answer.",
  slots: {
    confirm: { action: "look", with: {} },
    contain: {
      action: "switch",
      with: { switch: "read-only", value: "on", message: "We are repairing the database." },
    },
    inspect: { action: "inspect", with: {} },
    remedy: { action: "restart", with: {} },
  },
  limits: {
    lookMs: 5_000,
    confirmAgainMs: 500,
    confirmsMax: 3,
    containMs: 4_000,
    waitMs: 1_000,
    waitsMax: 3,
    asksMax: 3,
    actsMax: 1,
    verifyMs: 10_000,
    samplesMin: 2,
    undoAgainMs: 1_000,
    undosMax: 3,
    soakMs: 3_000,
  },
  advice: ["Look at the database's logs."],
};

const serviceDown: Omit<Runbook, "hash"> = {
  ...databaseDown,
  name: "service-down",
  machine: "service-down",
  summary: "The app does not answer.",
  slots: {
    confirm: { action: "look", with: {} },
    inspect: { action: "inspect", with: {} },
    remedy: { action: "restart", with: {} },
  },
};

const unclassified: Omit<Runbook, "hash"> = {
  name: "unclassified",
  machine: "unclassified",
  summary: "Something fails that has no runbook.",
  slots: {},
  limits: { samplesMin: 2, quietMs: 60_000 },
  advice: [],
};

/** Rules of one API that needs one database; everything automatic unless the test says otherwise. */
export function rulesFor(changes: Partial<Rules> = {}): Rules {
  const rules: Omit<Rules, "hash"> = {
    targets: {
      api: { needs: ["postgres"], detectMsMax: 8_000, freshMs: 5_000 },
      postgres: { needs: [], detectMsMax: 8_000, freshMs: 5_000 },
    },
    switches: { "read-only": { targets: ["api"], leaseMs: 30_000, renewMs: 10_000 } },
    modes: { default: "auto" },
    actions: ACTIONS,
    ceilings: {
      perService: 100,
      overall: 100,
      cooldownMs: 0,
      processAgeMs: 0,
      standBackMs: 60_000,
      aftermathMs: 120_000,
      storm: { targets: 3, withinMs: 300_000 },
      vain: { incidents: 2, withinMs: 604_800_000 },
    },
    reopenMs: 0,
    budgets: { restart: { perIncident: 1, perHour: 3 } },
    runbooks: {
      "database-down": { ...databaseDown, hash: hashOf(databaseDown) },
      "service-down": { ...serviceDown, hash: hashOf(serviceDown) },
      unclassified: { ...unclassified, hash: hashOf(unclassified) },
    },
    ...changes,
  };
  return { ...rules, hash: hashOf(rules) };
}
