import { NOT_TO_TOUCH, wasTriedInVain } from "../response/diagnosis.ts";
import type { Findings, Rule } from "../vocabulary.ts";

export const rules: readonly Rule[] = [
  ...NOT_TO_TOUCH,
  {
    // Each replica opens a pool of its own: more of them make it worse.
    cause: "connections-run-out",
    words: "connections run out",
    advice: "leave",
    when: (findings) => runsOut(findings, "connections"),
  },
  {
    cause: "memory-runs-out",
    words: "memory runs out",
    advice: "fallback",
    when: (findings) => runsOut(findings, "memory") && !wasTriedInVain(findings, "restart"),
  },
  {
    cause: "requests-queue",
    words: "requests wait in a queue",
    advice: "remedy",
    when: (findings) => runsOut(findings, "inflight") && !wasTriedInVain(findings, "scale"),
  },
];

function runsOut({ signals }: Findings, resource: string): boolean {
  return signals.some(
    ({ opens, state, numbers }) =>
      opens === "saturation" && state === "breached" && numbers?.["resource"] === resource,
  );
}
