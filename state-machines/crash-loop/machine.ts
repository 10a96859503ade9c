import { BY_WHAT_IS_DOWN } from "../response/explains.ts";
import { respond } from "../response/machine.ts";
import { rules } from "./diagnosis.ts";

/**
 * The process is restarted again and again while Railway calls its deployment a success. Railway restarts it by itself, so one more
 * restart helps nobody: what began with a release is rolled back by `rollout-regression`, everything else needs a person.
 */
export const definition = respond({
  id: "crash-loop",
  version: 1,
  confirms: false,
  contains: false,
  keeps: false,
  rules,
  title: "It crashes again and again",
  severity: "critical",
  explains: {
    here: ["service-down", "high-error-rate", "high-latency"],
    acrossNeeds: BY_WHAT_IS_DOWN,
  },
});
