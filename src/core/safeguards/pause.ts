import type { Attempt } from "../../domain/attempt.ts";
import { problem, type Problem } from "../../domain/problem.ts";
import { timeOfDay } from "../../domain/time.ts";
import type { Draft } from "../draft.ts";
import type { Case, Safeguard } from "./case.ts";

/** A person said that nothing may be done. */
export const pause: Safeguard = {
  name: "pause",
  momentary: false,
  covers: () => true,
  objection,
};

function objection({ draft, attempt }: Case): Problem | null {
  const pause = draft.world().marks.pause;
  if (pause === undefined || pause === null) return null;
  const touched = [attempt.target, ...switchTargets(draft, attempt)];
  if (pause.target !== null && !touched.includes(pause.target)) return null;
  if (attempt.slot === "undo" && !pause.includingUndo) return null;
  return problem("paused", `paused by ${pause.by} at ${timeOfDay(pause.since)}`);
}

/** A switch is flipped at the apps that obey it, whichever target failed. */
function switchTargets(draft: Draft, attempt: Attempt): readonly string[] {
  const name = attempt.params["switch"];
  return typeof name === "string" ? (draft.rules.switches[name]?.targets ?? []) : [];
}
