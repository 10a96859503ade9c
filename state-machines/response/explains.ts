/** What is down takes nearly everything with it that needs it. A leak or a warning it does not. */
export const BY_WHAT_IS_DOWN: readonly string[] = [
  "service-down",
  "crash-loop",
  "high-error-rate",
  "high-latency",
  "saturation",
  "rollout-regression",
  "unclassified",
];

/** What is slow or failing makes others slow or failing, and nothing else. */
export const BY_WHAT_IS_UNWELL: readonly string[] = [
  "high-error-rate",
  "high-latency",
  "saturation",
];
