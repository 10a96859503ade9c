import type { Judgement } from "../../state-machines/vocabulary.ts";
import type { IncidentId } from "../domain/ids.ts";
import { problem } from "../domain/problem.ts";
import type { Slot } from "../domain/runbook.ts";
import type { Draft } from "./draft.ts";
import { move } from "./ledger.ts";
import { rememberEffect } from "./vain.ts";

/** P5: the machine's word on whether the act that was seen to happen has helped. */
export function judge(draft: Draft, id: IncidentId, slot: Slot, as: Judgement): void {
  const attempt = Object.values(draft.world().attempts)
    .filter(
      (candidate) =>
        candidate.incident === id && candidate.slot === slot && candidate.state === "seen",
    )
    .at(-1);
  if (attempt === undefined) return;
  const { ownLooks } = draft.incident(id).proof ?? {};
  move(draft, attempt, as, {
    ...(as === "unknown"
      ? { problem: problem("stale-input", "no fresh look said whether it helped") }
      : {}),
    ...(as === "effective" && ownLooks !== undefined
      ? { evidence: { ...attempt.evidence, ownLooks } }
      : {}),
  });
  rememberEffect(draft, attempt, as);
  draft.because({
    code: as,
    text: `${attempt.action} of ${attempt.target} was ${as}`,
    attempt: attempt.id,
  });
}
