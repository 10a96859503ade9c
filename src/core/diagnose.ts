import type { InspectAdvice } from "../../state-machines/vocabulary.ts";
import type { Inspection } from "../domain/evidence.ts";
import type { JsonObject } from "../domain/json.ts";
import type { ProblemCode } from "../domain/problem.ts";

export interface Diagnosis {
  readonly cause: string;
  readonly advice: InspectAdvice;
}

interface Rule extends Diagnosis {
  readonly when: (seen: Inspection, probe: ProblemCode | null) => boolean;
}

/** Above this share a volume counts as full: PostgreSQL stops at the last write-ahead segment, not at 100 %. */
const FULL_SHARE = 0.98;
const VOLUME_WELL: readonly (string | null)[] = ["READY", null];

/** First match counts: reasons not to touch come before reasons to act. */
const RULES: readonly Rule[] = [
  { cause: "platform-incident", advice: "leave", when: (seen) => seen.platform === "trouble" },
  {
    cause: "volume-busy",
    advice: "leave",
    when: ({ volume }) => volume !== null && !VOLUME_WELL.includes(volume.state),
  },
  {
    cause: "volume-full",
    advice: "leave",
    when: ({ volume }) => volume !== null && (volume.usedShare ?? 0) >= FULL_SHARE,
  },
  { cause: "deployment-in-flight", advice: "wait", when: (seen) => seen.inFlight !== null },
  { cause: "recovering", advice: "wait", when: (_, probe) => probe === "database-recovering" },
  {
    cause: "connections-exhausted",
    advice: "leave",
    when: (_, probe) => probe === "connections-exhausted",
  },
  {
    cause: "cannot-look",
    advice: "leave",
    when: (_, probe) =>
      probe === "authentication-failed" || probe === "tls-failed" || probe === "dns-failed",
  },
  { cause: "nothing-deployed", advice: "leave", when: (seen) => seen.deployment === null },
  {
    cause: "stopped-by-a-person",
    advice: "leave",
    when: (seen) => seen.deployment?.stopped === true && !isCrashed(seen),
  },
  { cause: "sleeping", advice: "leave", when: (seen) => seen.deployment?.status === "SLEEPING" },
  { cause: "restarting", advice: "wait", when: (seen) => seen.instances.includes("RESTARTING") },
  { cause: "crashed", advice: "restart", when: isCrashed },
  { cause: "not-answering", advice: "restart", when: (_, probe) => probe === "timeout" },
  {
    cause: "refusing-connections",
    advice: "restart",
    when: (_, probe) => probe === "connection-refused",
  },
  {
    cause: "dropping-connections",
    advice: "restart",
    when: (_, probe) => probe === "connection-reset",
  },
];

/** Names the cause of a database that does not answer, and whether a restart could help. Pure table. */
export function diagnose(seen: Inspection, probe: ProblemCode | null): Diagnosis {
  const rule = RULES.find(({ when }) => when(seen, probe));
  return rule === undefined
    ? { cause: "unclear", advice: "leave" }
    : { cause: rule.cause, advice: rule.advice };
}

function isCrashed(seen: Inspection): boolean {
  return (
    seen.deployment?.status === "CRASHED" ||
    seen.instances.some((status) => status === "CRASHED" || status === "EXITED")
  );
}

/** The inspection as the look wrote it into its evidence. */
export function inspectionOf(evidence: JsonObject): Inspection | null {
  const inspection = evidence["inspection"];
  return inspection === undefined || inspection === null
    ? null
    : (inspection as unknown as Inspection);
}
