import { BY_WHAT_IS_UNWELL } from "../response/explains.ts";
import { respond } from "../response/machine.ts";
import { rules } from "./diagnosis.ts";

/**
 * Requests take longer than they used to. What began with a release belongs to `rollout-regression`, what runs out of something to
 * `saturation`; a crowd is given more replicas. Everything else needs a person who looks at the code or the database.
 */
export const definition = respond({
  id: "high-latency",
  version: 2,
  confirms: false,
  contains: false,
  keeps: false,
  sustains: true,
  rules,
  title: "Requests take too long",
  severity: "medium",
  explains: { acrossNeeds: BY_WHAT_IS_UNWELL },
});
