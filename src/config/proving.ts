import { ACT_SLOTS, type Runbook } from "../domain/runbook.ts";
import { spell, type Millis } from "../domain/time.ts";
import type { Config, TargetConfig } from "./config.ts";
import { kindsOf, type PossibleAct } from "./possible-acts.ts";
import { watching } from "./verification.ts";

// What `check` says about how acts are verified: by which looks, and within which time.

/** For each target what says that an act has helped, in one line. */
export function proofLines(
  { rules, targets }: Config,
  acts: readonly PossibleAct[],
): readonly string[] {
  return targets.flatMap((target) => {
    const kinds = kindsOfActs(target, acts).flatMap((kind) => {
      const runbook = rules.runbooks[kind];
      return runbook === undefined ? [] : [`${kind} ${proofWords({ rules }, target, runbook)}`];
    });
    return kinds.length === 0
      ? []
      : [
          `${target.name}: an act has helped after so many healthy looks in a row: ${kinds.join("; ")}`,
        ];
  });
}

function proofWords(
  { rules }: Pick<Config, "rules">,
  target: TargetConfig,
  { machine, limits, verify = {} }: Runbook,
): string {
  const { samplesMin = 1, verifyMs = 0 } = limits;
  const longer = rules.targets[target.name]?.verifyMs?.[machine];
  const others = Object.entries(verify)
    .filter(([name]) => watching(target, name).length > 0)
    .map(([name, looks]) => ` and ${looks} of ${name}`);
  const time =
    longer === undefined
      ? `within ${spell(verifyMs)}`
      : `within ${spell(longer)}, because the looks come too seldom for ${spell(verifyMs)}`;
  return `${samplesMin}${others.join("")} ${time}`;
}

/** What waits for more healthy looks than can come in its time leaves that state by its timer only: nothing is ever proven. */
export function proofWarnings(
  { rules, targets }: Config,
  acts: readonly PossibleAct[],
): readonly string[] {
  return targets.flatMap((target) => {
    const withActs = kindsOfActs(target, acts);
    return kindsOf(target).flatMap(({ kind, probe, provenWithin }) => {
      const { limits = {}, verify = {} } = rules.runbooks[kind] ?? {};
      const { samplesMin = 0 } = limits;
      const verifyMs =
        rules.targets[target.name]?.verifyMs?.[kind] ?? limits["verifyMs"] ?? Infinity;
      const needed = provenWithin(samplesMin);
      const own =
        needed <= verifyMs
          ? []
          : [
              `limits.${kind}: ${samplesMin} healthy looks of ${target.name} (${probe.name}) take ${spell(needed)} at least, and verifyMs is ${spell(verifyMs)}: no act is ever proven to help, and no recovery is believed`,
            ];
      const others = withActs.includes(kind) ? besideWarnings(target, kind, verify, verifyMs) : [];
      return [...own, ...others];
    });
  });
}

function besideWarnings(
  target: TargetConfig,
  kind: string,
  verify: NonNullable<Runbook["verify"]>,
  verifyMs: Millis,
): readonly string[] {
  return Object.entries(verify).flatMap(([name, looks]) => {
    const place = `verify.${kind}.${name}`;
    const probes = watching(target, name);
    if (probes.length === 0)
      return [`${place}: nobody watches it of ${target.name}, so it is not asked for there`];
    const needed = looks * Math.max(...probes.map(({ everyMs }) => everyMs));
    return needed <= verifyMs
      ? []
      : [
          `${place}: ${looks} healthy looks of ${target.name} take ${spell(needed)} at least, and verifyMs is ${spell(verifyMs)}: no act is ever proven to help`,
        ];
  });
}

/** Kinds of incident on a target with an act that is meant to cure. */
function kindsOfActs(target: TargetConfig, acts: readonly PossibleAct[]): readonly string[] {
  const kinds = acts
    .filter((act) => act.target === target && ACT_SLOTS.includes(act.slot))
    .map(({ kind }) => kind);
  return [...new Set(kinds)];
}
