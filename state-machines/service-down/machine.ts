import { BY_WHAT_IS_DOWN, BY_WHAT_IS_UNWELL } from "../response/explains.ts";
import { respond } from "../response/machine.ts";
import { rules } from "./diagnosis.ts";

/**
 * The process may run, but nobody gets an answer: the hole that Railway leaves, which probes only while it deploys. What began with
 * a release belongs to `rollout-regression`; what is crashed or hangs is restarted once.
 */
export const definition = respond({
  id: "service-down",
  version: 1,
  confirms: true,
  contains: false,
  keeps: false,
  rules,
  title: "Service down",
  next: "Next: I ask Railway what it sees, and restart only what is crashed or not answering.",
  severity: "critical",
  explains: { here: BY_WHAT_IS_UNWELL, acrossNeeds: BY_WHAT_IS_DOWN },
});
