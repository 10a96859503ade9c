import type { ConfirmAnswer } from "../../state-machines/vocabulary.ts";
import type { PathSeen } from "../domain/evidence.ts";
import type { JsonObject } from "../domain/json.ts";

/**
 * One answer from several paths. A target that answers directly is up, whatever others say. A dependant
 * that calls itself well does not outweigh a direct failure (its health page may not ask the target at
 * all), but it is a doubt, and nothing is done on doubt.
 */
export function weigh(paths: readonly PathSeen[]): ConfirmAnswer {
  const direct = paths.filter((path) => path.by === "direct" && path.saw !== "unknown");
  const dependants = paths.filter((path) => path.by === "dependant" && path.saw !== "unknown");
  if (direct.some((path) => path.saw === "up")) return "up";
  if (direct.length === 0 && dependants.length === 0) return "unknown";
  if (dependants.some((path) => path.saw === "up")) return "disagree";
  return "down";
}

/** The paths as the look wrote them into its evidence. */
export function pathsOf(evidence: JsonObject): readonly PathSeen[] {
  const paths = evidence["paths"];
  return Array.isArray(paths) ? (paths as readonly PathSeen[]) : [];
}
