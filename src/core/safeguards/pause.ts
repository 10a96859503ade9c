import type { Attempt } from "../../domain/attempt.ts";
import { problem, type Problem } from "../../domain/problem.ts";
import { partsOf, untilWords } from "../../domain/pause.ts";
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
  const touched = [attempt.target, ...switchTargets(draft, attempt)];
  const pause = partsOf(draft.world().marks.pause ?? null).find(({ target, includingUndo }) => {
    // A name that nobody knows is doubt, and doubt means hands off.
    const isKnown = target !== null && draft.rules.targets[target] !== undefined;
    const isOther = isKnown && !touched.includes(target);
    return !isOther && (attempt.slot !== "undo" || includingUndo);
  });
  if (pause === undefined) return null;
  const at = pause.since === 0 ? "" : ` at ${timeOfDay(pause.since)}`;
  const until = pause.until === undefined ? "" : `, ${untilWords(pause)}`;
  return problem("paused", `paused by ${pause.by}${at}${until}`);
}

/** A switch is flipped at the apps that obey it, whichever target failed. */
function switchTargets(draft: Draft, attempt: Attempt): readonly string[] {
  const name = attempt.params["switch"];
  return typeof name === "string" ? (draft.rules.switches[name]?.targets ?? []) : [];
}
