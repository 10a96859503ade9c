import { signalKey } from "../domain/sample.ts";
import { spell } from "../domain/time.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { Draft } from "./draft.ts";
import { tellAll } from "./tell.ts";

/** Says once that a signal cannot be seen, and once that it can be seen again. */
export function tellBlind(draft: Draft, key: string, verdict: Verdict): void {
  const blind = draft.world().marks.blind ?? {};
  const since = blind[key];
  const { target, probe } = verdict.signal;
  if (verdict.state === "missing" && since === undefined) {
    draft.putMarks({ blind: { ...blind, [key]: verdict.at } });
    // A probe that falls silent takes all of its signals with it: people hear of it once.
    const isKnown = Object.entries(blind).some(
      ([other, at]) => isOfProbe(other, verdict) && (at === verdict.at || other.endsWith("|up")),
    );
    if (isKnown) return;
    tellAll(draft, "blind", `Blind: I cannot look at ${target}`, [
      `The probe "${probe}" ${whyBlind(verdict)}.`,
      "This says nothing about its health. While I am blind I neither open nor close anything for it.",
    ]);
  } else if (since !== undefined && (verdict.state === "healthy" || verdict.state === "breached")) {
    const rest = Object.entries(blind).filter(
      ([other, at]) => other !== key && !(at >= since && isOfProbe(other, verdict)),
    );
    draft.putMarks({ blind: Object.fromEntries(rest) });
    tellAll(draft, "seeing", `I can look at ${target} again`, [
      `The probe "${probe}" was blind for ${spell(verdict.at - since)}. It is ${verdict.state} now.`,
    ]);
  }
}

function isOfProbe(key: string, { signal }: Verdict): boolean {
  return key.startsWith(signalKey({ ...signal, name: "" }));
}

function whyBlind({ evidence }: Verdict): string {
  if (evidence.unknowns > 0)
    return `got no usable answer ${evidence.unknowns} times in a row: ${evidence.problem?.detail ?? "no reason given"}`;
  const reason = evidence.numbers?.["reason"];
  return `tells me nothing: ${typeof reason === "string" ? reason : "no reason given"}`;
}
