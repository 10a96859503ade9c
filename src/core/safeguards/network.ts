import { problem, type Problem, type ProblemCode } from "../../domain/problem.ts";
import {
  type Case,
  freshMsOf,
  incidentOf,
  isDestructive,
  ownLooks,
  type Safeguard,
} from "./case.ts";

/**
 * P3: a process that Railway calls running and that only our own looks find hanging is restarted only while some
 * other target answers us. A crash is Railway's own word and needs no such witness.
 */
export const network: Safeguard = {
  name: "network",
  momentary: false,
  covers: isDestructive,
  objection,
};

function objection(of: Case): Problem | null {
  const { draft, attempt } = of;
  const incident = incidentOf(of);
  if (incident?.cause !== "not-answering") return null;
  const others = ownLooks(draft).filter(
    ([key, { target }]) => target !== attempt.target && isVoice(key),
  );
  if (others.length === 0) return null;
  const isHeard = others.some(
    ([key, { problem, at }]) =>
      SPOKEN.includes(problem) && draft.event.at - at <= freshMsOf(draft, key),
  );
  return isHeard ? null : problem("network-in-doubt");
}

/**
 * Only whether it answers is a word of the target's own. Rates that nobody could read carry no problem either, and what Railway
 * says of a target proves nothing about the way to it.
 */
function isVoice(key: string): boolean {
  const [, probe = "", name] = key.split("|");
  return name === "up" && !probe.startsWith("railway");
}

/** With these the other side spoke, whatever it said: our network carried a word both ways. */
const SPOKEN: readonly (ProblemCode | null)[] = [
  null,
  "unexpected-status",
  "unexpected-body",
  "body-too-large",
  "refused-by-switch",
  "database-recovering",
  "connections-exhausted",
  "master-down",
  "script-running",
  "writes-refused",
  "memory-exhausted",
  "authentication-failed",
];
