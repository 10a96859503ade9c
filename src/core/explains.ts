import { MACHINES } from "../../state-machines/index.ts";

/** Whether an incident of a target explains one of something that needs the target. A leak or a warning never does. */
export function explainsDependant(kind: string, symptom: string): boolean {
  return isRelated(kind, symptom, "acrossNeeds");
}

/** Whether an incident explains another one on its own target: a symptom, and no incident of its own. */
export function explainsOnItself(kind: string, symptom: string): boolean {
  return isRelated(kind, symptom, "here");
}

/** Either kind may say so. */
function isRelated(kind: string, symptom: string, where: "here" | "acrossNeeds"): boolean {
  return (
    MACHINES[kind]?.explains?.[where]?.includes(symptom) === true ||
    MACHINES[symptom]?.explainedBy?.[where]?.includes(kind) === true
  );
}
