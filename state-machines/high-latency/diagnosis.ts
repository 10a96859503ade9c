import {
  AFTER_A_RELEASE,
  isBreached,
  NOT_TO_TOUCH,
  wasTriedInVain,
} from "../response/diagnosis.ts";
import type { Rule } from "../vocabulary.ts";

export const rules: readonly Rule[] = [
  ...NOT_TO_TOUCH,
  AFTER_A_RELEASE,
  {
    cause: "saturated",
    words: "it runs out of room",
    advice: "hand-over",
    to: "saturation",
    when: (findings) => isBreached(findings, "saturation"),
  },
  {
    cause: "crowded",
    words: "more requests come than it can serve",
    advice: "remedy",
    when: (findings) => isBreached(findings, "traffic-flood") && !wasTriedInVain(findings, "scale"),
  },
];
