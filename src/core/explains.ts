/** What is down takes nearly everything with it that needs it. */
const DOWN: readonly string[] = ["service-down", "database-down", "redis-down", "crash-loop"];
const BY_WHAT_IS_DOWN: readonly string[] = [
  "service-down",
  "crash-loop",
  "high-error-rate",
  "high-latency",
  "saturation",
  "rollout-regression",
  "unclassified",
];
/** What is slow or failing makes others slow or failing, and nothing else. */
const UNWELL: readonly string[] = ["high-error-rate", "high-latency", "saturation"];

/** Whether an incident of a target explains one of something that needs the target. A leak or a warning never does. */
export function explainsDependant(kind: string, symptom: string): boolean {
  if (DOWN.includes(kind)) return BY_WHAT_IS_DOWN.includes(symptom);
  return UNWELL.includes(kind) && UNWELL.includes(symptom);
}

/** What an incident explains on its own target: symptoms, not incidents of their own. */
const ON_ITSELF: { readonly [kind: string]: readonly string[] } = {
  "service-down": ["high-error-rate", "high-latency", "saturation"],
  "crash-loop": ["service-down", "high-error-rate", "high-latency"],
  "rollout-regression": [
    "service-down",
    "crash-loop",
    "high-error-rate",
    "high-latency",
    "saturation",
  ],
};

export function explainsOnItself(kind: string, symptom: string): boolean {
  return ON_ITSELF[kind]?.includes(symptom) === true;
}

/** Whether a signal of this kind says nothing of a target while something that the target needs does not answer. */
export function isExplainedByDown(kind: string): boolean {
  return BY_WHAT_IS_DOWN.includes(kind);
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
