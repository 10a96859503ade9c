import { BY_WHAT_IS_UNWELL } from "../response/explains.ts";
import { respond } from "../response/machine.ts";
import { rules } from "./diagnosis.ts";

/**
 * Too many requests fail. What fails tells what to do: time-outs are given more replicas, an external API gets its circuit breaker,
 * what began with a release belongs to `rollout-regression`; a database has an incident of its own.
 */
export const definition = respond({
  id: "high-error-rate",
  version: 2,
  confirms: false,
  contains: false,
  keeps: false,
  sustains: true,
  rules,
  title: "Too many requests fail",
  severity: "high",
  explains: { acrossNeeds: BY_WHAT_IS_UNWELL },
});
