import type { Inspection } from "../../src/domain/evidence.ts";
import { MINUTE_MS, type Millis } from "../../src/domain/time.ts";
import type { Diagnosis, Findings, Rule } from "../vocabulary.ts";

/** The first rule that fits. What no rule explains is left to a person. */
export function diagnose(rules: readonly Rule[], findings: Findings): Diagnosis {
  const rule = rules.find(({ when }) => when(findings));
  if (rule === undefined) return { cause: "unclear", advice: "leave" };
  const { when: _when, words: _words, ...diagnosis } = rule;
  return diagnosis;
}

const VOLUME_WELL: readonly (string | null)[] = ["READY", null];

/** Reasons of the platform not to touch a service, whatever is wrong with it. They come before every reason to act. */
export const NOT_TO_TOUCH: readonly Rule[] = [
  {
    cause: "platform-incident",
    advice: "leave",
    when: ({ seen }) => seen.platform === "trouble",
  },
  {
    cause: "volume-busy",
    advice: "leave",
    when: ({ seen: { volume } }) => volume !== null && !VOLUME_WELL.includes(volume.state),
  },
  { cause: "deployment-in-flight", advice: "wait", when: ({ seen }) => seen.inFlight !== null },
  { cause: "nothing-deployed", advice: "leave", when: ({ seen }) => seen.deployment === null },
  {
    cause: "stopped-by-a-person",
    advice: "leave",
    when: ({ seen }) => seen.deployment?.stopped === true && !isCrashed(seen),
  },
  {
    cause: "sleeping",
    advice: "leave",
    when: ({ seen }) => seen.deployment?.status === "SLEEPING",
  },
  {
    cause: "restarting",
    advice: "wait",
    when: ({ seen }) => seen.instances.includes("RESTARTING"),
  },
];

/** The failure began soon after a release that is still live: that is what has to be taken back. */
export const AFTER_A_RELEASE: Rule = {
  cause: "after-a-release",
  advice: "hand-over",
  to: "rollout-regression",
  when: (findings) => isAfterRelease(findings),
};

/** So long after a release whatever begins is laid at its door; a little before it, because a rollout takes its time. */
const RELEASE_MS: Millis = 15 * MINUTE_MS;
const BEFORE_MS: Millis = MINUTE_MS;

export function isAfterRelease({ seen: { release }, onset }: Findings): boolean {
  if (release === undefined || !release.isLive) return false;
  return onset >= release.at - BEFORE_MS && onset <= release.at + RELEASE_MS;
}

export function isCrashed(seen: Inspection): boolean {
  return (
    seen.deployment?.status === "CRASHED" ||
    seen.instances.some((status) => status === "CRASHED" || status === "EXITED")
  );
}

/** An act of this kind was tried on this very incident and is not proven to have helped. */
export function wasTriedInVain({ acts }: Findings, action: string): boolean {
  return acts.some((act) => act.action === action && act.here && act.helped !== true);
}

/** Some other incident of this kind is what the target really suffers from. */
export function isBreached({ signals }: Findings, kind: string): boolean {
  return signals.some(({ opens, state }) => opens === kind && state === "breached");
}
