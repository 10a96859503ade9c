import { AFTER_A_RELEASE, NOT_TO_TOUCH } from "../response/diagnosis.ts";
import type { Rule } from "../vocabulary.ts";

export const rules: readonly Rule[] = [
  // Between two crashes Railway shows it restarting: that is the incident itself and no reason to wait.
  ...NOT_TO_TOUCH.filter(({ cause }) => cause !== "restarting"),
  AFTER_A_RELEASE,
];
