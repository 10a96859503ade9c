import assert from "node:assert/strict";

import { ACTIONS, BUDGETS } from "../actions/index.ts";
import { hashOf } from "../domain/ids.ts";
import type { Rules, TargetRules } from "../domain/rules.ts";
import type { Runbook } from "../domain/runbook.ts";
import { type DayWindow, SECOND_MS, type Millis } from "../domain/time.ts";
import type { Config, ProbeConfig, SwitchConfig, TargetConfig } from "./config.ts";
import type { Detect } from "./detect.ts";
import type { Surroundings } from "./environment.ts";
import type { Limits } from "./limits.ts";
import { freeze } from "./plain.ts";
import { probesOf, saysUp } from "./probes.ts";
import type { Settings } from "./schema.ts";
import { verificationOf } from "./verification.ts";

interface Parts {
  readonly settings: Settings;
  /** What `settings` was parsed from; the kinds of probes parse their part of it themselves. */
  readonly tree: unknown;
  readonly surroundings: Surroundings;
  readonly runbooks: readonly Runbook[];
  /** Bounds that the file sets anew, by machine. */
  readonly limits: { readonly [machine: string]: Limits };
  /** `detect` of each target, as it was read. */
  readonly detect: readonly Detect[];
  readonly warnings: readonly string[];
  readonly source: string;
}

/** Puts together what was found to be right. */
export function build(parts: Parts): Config {
  const { settings, surroundings: around, source } = parts;
  const { endpoint, token, statusUrl, projectId: project, environmentId: environment } = around;
  const projectId = settings.railway.project ?? project;
  const environmentId = settings.railway.environment ?? environment;
  const { plan } = settings.railway;
  const isPossible = token !== null && projectId !== null && environmentId !== null;
  const targets = settings.targets.map((target, index): TargetConfig => ({
    name: target.name,
    service: target.service ?? null,
    url: target.url ?? null,
    needs: target.needs,
    quiet: windowOf(target.quiet),
    hours: windowOf(target.hours ?? settings.hours),
    isProtected: target.protected,
    tier: target.tier ?? tierOf(target),
    requestsPerHour: target.requestsPerHour ?? null,
    detect: detectOf(target, parts.detect[index] ?? {}),
    probes: probesOf(target, index, parts.tree, { isPossible, plan }),
  }));
  const switches = switchesOf(settings);
  const { ownService, dataFolder, port, host, paused, tokens } = around;
  const { isOnRailway, booksDoubt, hasTokens } = around;
  return freeze({
    ownService,
    dataFolder,
    port,
    host,
    paused,
    tokens,
    isOnRailway,
    booksDoubt,
    hasTokens,
    rules: rulesOf(parts, targets, switches),
    targets,
    switches,
    places: settings.network?.places ?? [],
    hooks: settings.hooks,
    slack: settings.slack ?? null,
    deadman:
      settings.deadman === undefined
        ? null
        : { url: settings.deadman.url, everyMs: settings.deadman.every },
    railway: {
      endpoint,
      token,
      projectId,
      environmentId,
      plan,
      statusUrl: settings.railway.status ?? statusUrl,
    },
    warnings: parts.warnings,
    source,
  });
}

/** Whoever is asked with a database's own words holds data; all others are apps. */
function tierOf({ probes }: Settings["targets"][number]): string {
  return probes.some(({ kind }) => kind === "postgres" || kind === "redis") ? "data" : "app";
}

/** `02:00-05:00` as minutes of the day. */
function windowOf(written: string | undefined): DayWindow | null {
  if (written === undefined) return null;
  const [from = 0, to = 0] = written.split("-").map((time) => {
    const [hours = 0, minutes = 0] = time.split(":").map(Number);
    return hours * 60 + minutes;
  });
  return { from, to };
}

/** An objective that people chose is taken at its word from the first look on. */
function detectOf({ objective }: Settings["targets"][number], written: Detect): Detect {
  if (objective === undefined) return written;
  const chosen = { objective: Number((objective / 100).toPrecision(12)), followsPast: false };
  return { ...written, "burn-rate": { ...chosen, ...written["burn-rate"] } };
}

function switchesOf({ switches, targets }: Settings): readonly SwitchConfig[] {
  const withUrl = targets.filter(({ url }) => url !== undefined).map(({ name }) => name);
  return Object.entries(switches).map(([name, written]) => ({
    name,
    targets: written.targets ?? withUrl,
    leaseMs: written.lease,
    renewMs: written.renew,
    drivers: written.drivers.filter((driver) => driver.kind !== "variable"),
    variable: variableOf(written.drivers),
  }));
}

function variableOf(drivers: Settings["switches"][string]["drivers"]): SwitchConfig["variable"] {
  const found = drivers.find((driver) => driver.kind === "variable");
  if (found === undefined) return null;
  const { kind: _, ...variable } = found;
  return variable;
}

function rulesOf(
  { settings, runbooks, limits }: Parts,
  targets: readonly TargetConfig[],
  switches: readonly SwitchConfig[],
): Rules {
  const { perService, overall, cooldown, processAge, standBack, aftermath, ...others } =
    settings.budgets;
  const { storm, futility, ...budgets } = others;
  const rules: Omit<Rules, "hash"> = {
    targets: Object.fromEntries(
      targets.map((target) => [
        target.name,
        { ...targetRules(target), ...verificationOf(target, runbooks, limits) },
      ]),
    ),
    switches: Object.fromEntries(
      switches.map(({ name, targets, leaseMs, renewMs, variable }) => [
        name,
        { targets, leaseMs, renewMs, ...(variable ? { variable } : {}) },
      ]),
    ),
    modes: { default: "shadow", ...settings.modes },
    actions: traitsOf(settings.actions),
    budgets: { ...BUDGETS, ...budgets },
    ceilings: {
      perService,
      overall,
      cooldownMs: cooldown,
      processAgeMs: processAge,
      standBackMs: standBack,
      aftermathMs: aftermath,
      storm: { targets: storm.targets, withinMs: storm.within },
      vain: { incidents: futility.incidents, withinMs: futility.within },
    },
    reopenMs: settings.incidents.reopen,
    runbooks: Object.fromEntries(runbooks.map((runbook) => [runbook.machine, runbook])),
  };
  return { hash: hashOf([rules, targets.map(deciding)]), ...rules };
}

/** The sample's way to us and the moment between two looks. */
const SLACK_MS: Millis = 2 * SECOND_MS;

function targetRules(target: TargetConfig): TargetRules {
  const { needs, probes, quiet, hours, isProtected, tier } = target;
  const detect = ({ everyMs, retryEveryMs, openAfter, timeoutMs }: ProbeConfig): Millis =>
    everyMs + (openAfter - 1) * retryEveryMs + openAfter * timeoutMs + SLACK_MS;
  const fresh = ({ everyMs, timeoutMs }: ProbeConfig): Millis => 2 * everyMs + timeoutMs + SLACK_MS;
  assert(probes.length > 0, "a target without probes is refused before");
  // Whether something is up is known from those that say so; the others' rhythm must not make people wait.
  const saying = probes.filter((probe) => saysUp(probe, probes));
  const own = saying.length === 0 ? probes : saying;
  const others = probes.filter((probe) => !own.includes(probe));
  return {
    needs,
    detectMsMax: Math.max(...own.map(detect)),
    freshMs: Math.max(...own.map(fresh)),
    ...(others.length === 0
      ? {}
      : { freshMsOf: Object.fromEntries(others.map((probe) => [probe.name, fresh(probe)])) }),
    ...(quiet === null ? {} : { quiet }),
    ...(hours === null ? {} : { hours }),
    ...(isProtected ? { protected: true as const } : {}),
    tier,
  };
}

function traitsOf(actions: Settings["actions"]): Rules["actions"] {
  return Object.fromEntries(
    ACTIONS.map(({ traits }) => {
      const { deadline, settle } = actions[traits.kind] ?? {};
      const deadlineMs = deadline ?? traits.deadlineMs;
      const settleMs = settle ?? traits.settleMs;
      return [traits.kind, { ...traits, deadlineMs, settleMs }];
    }),
  );
}

/** What of a target decides beside its rules: no address and no header, which may be secret and decide nothing. */
function deciding({ name, service, detect, probes }: TargetConfig): unknown {
  return {
    name,
    service,
    detect,
    probes: probes.map(({ settings, ...probe }) => {
      const own = Object.entries(settings).filter(([key]) => !NOT_DECIDING.includes(key));
      return { ...probe, ...Object.fromEntries(own) };
    }),
  };
}

const NOT_DECIDING: readonly string[] = ["kind", "url", "headers", "secret", "every", "timeout"];
