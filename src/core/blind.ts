import { spell } from "../domain/time.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { Draft } from "./draft.ts";
import { tellAll } from "./tell.ts";

/**
 * Says once that a probe cannot see, however many of its signals are missing, and once that it can see again. Whether the target
 * answers is told by itself: one metric that is gone must not hide that nobody looks any more.
 */
export function tellBlind(draft: Draft, key: string, verdict: Verdict): void {
  const blind = draft.world().marks.blind ?? {};
  const since = blind[key];
  const { target, probe } = verdict.signal;
  const others = Object.keys(blind).filter(
    (other) => other !== key && other.startsWith(`${target}|${probe}|`),
  );
  const isNews = others.length === 0 || verdict.signal.name === "up";
  if (verdict.state === "missing" && since === undefined) {
    draft.putMarks({ blind: { ...blind, [key]: verdict.at } });
    if (!isNews) return;
    tellAll(draft, "blind", `Blind: I cannot look at ${target}`, [
      `The probe "${probe}" ${whyBlind(verdict)}.`,
      "This says nothing about its health. While I am blind I neither open nor close anything for it.",
    ]);
  } else if (since !== undefined && isSeen(verdict)) {
    const { [key]: _, ...rest } = blind;
    draft.putMarks({ blind: rest });
    if (!isNews) return;
    tellAll(draft, "seeing", `I can look at ${target} again`, [
      `The probe "${probe}" was blind for ${spell(verdict.at - since)}. It is ${verdict.state} now.`,
    ]);
  }
}

/** Rates and trends need a new past after a gap before they are judged; that they are told again is enough. */
function isSeen({ signal, state }: Verdict): boolean {
  if (signal.name !== "up") return state !== "missing";
  return state === "healthy" || state === "breached";
}

function whyBlind({ evidence }: Verdict): string {
  if (evidence.unknowns > 0)
    return `got no usable answer ${evidence.unknowns} times in a row: ${evidence.problem?.detail ?? "no reason given"}`;
  const reason = evidence.numbers?.["reason"];
  return `tells nothing any more: ${typeof reason === "string" ? reason : "no reason given"}`;
}
