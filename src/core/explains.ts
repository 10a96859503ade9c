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

/** Whether a signal of this kind says nothing of a target while something that the target needs does not answer. */
export function isExplainedByDown(kind: string): boolean {
  return Object.keys(MACHINES).some(
    (name) => name.endsWith("-down") && explainsDependant(name, kind),
  );
}

/** Everything `target` needs, directly or through others. */
export function neededBy(
  target: string,
  needsOf: (target: string) => readonly string[],
): readonly string[] {
  const found = new Set<string>();
  const queue = [...needsOf(target)];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (found.has(next)) continue;
    found.add(next);
    queue.push(...needsOf(next));
  }
  return [...found];
}
