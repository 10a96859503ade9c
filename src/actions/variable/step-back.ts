import { isRecheck } from "../../domain/attempt.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { Release } from "../../railway/acts/release.ts";
import type { VariableState } from "../../railway/acts/variables.ts";

/** How the variable gets back to what it was before. */
export interface StepBack {
  /**
   * `write` it; `deploy` what is written already and does not serve; `leave` it, because it is back or not ours any more;
   * `keep` it, because it was only asked whether it still stands.
   */
  readonly step: "write" | "deploy" | "leave" | "keep";
  /** What it is afterwards; null: not there. */
  readonly set: string | null;
  readonly words: string;
}

/**
 * By the variable, and by what serves: a variable that is back says nothing of a process that was started with it. `since` in the
 * parameters is when the newest deployment before the act was made, by the platform's clock.
 */
export function stepBack(
  params: JsonObject,
  found: {
    readonly releases: readonly Release[];
    readonly present: Release;
    readonly state: VariableState;
  },
): StepBack {
  const { releases, present, state } = found;
  const set = typeof params["restore"] === "string" ? params["restore"] : null;
  const back = (step: StepBack["step"], words: string): StepBack => ({ step, set, words });
  if (state.kind === "other") return back("leave", "somebody has set something else since");
  const isOn = state.kind === "value" && state.value === params["on"];
  if (isRecheck({ params }))
    return isOn ? back("keep", "it still stands") : back("leave", "it is gone");
  if (isOn) return back("write", "");
  const since = releases.filter(
    ({ createdAt, status }) => createdAt > Number(params["since"] ?? 0) && status !== "SKIPPED",
  );
  if (!since.includes(present)) return back("leave", "it is back, and nothing serves with it");
  // The first one since then was made with it. One that failed after the present one may be the one that takes it back.
  const isFirst = since.at(-1) === present;
  if (isFirst || since[0] !== present)
    return back("deploy", "it is back, and what serves may still run with it");
  return back("leave", "it is back, and a later deployment serves");
}
