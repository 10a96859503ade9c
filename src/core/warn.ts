import type { Verdict } from "../domain/verdict.ts";
import type { Draft } from "./draft.ts";
import { tellAll } from "./tell.ts";

/** Says once that something wants attention in daylight, and once that it is over. Nothing opens and nothing is done. */
export function warn(draft: Draft, key: string, verdict: Verdict): void {
  const warned = draft.world().marks.warned ?? {};
  const isWarned = Object.hasOwn(warned, key);
  const { target, probe } = verdict.signal;
  const { problem } = verdict.evidence;
  if (verdict.state === "breached" && !isWarned) {
    draft.putMarks({ warned: { ...warned, [key]: verdict.at } });
    tellAll(draft, "warning", `Warning: ${target}: ${problem?.detail ?? verdict.signal.name}`, [
      `Seen by the probe "${probe}". Nothing fails yet, and I do nothing about it.`,
      "I say it once, and once when it is over.",
    ]);
  } else if (verdict.state === "healthy" && isWarned) {
    const { [key]: _since, ...rest } = warned;
    draft.putMarks({ warned: rest });
    tellAll(draft, "warning-over", `No more warning: ${target} (${verdict.signal.name})`, [
      `The probe "${probe}" finds it in order.`,
    ]);
  }
}
