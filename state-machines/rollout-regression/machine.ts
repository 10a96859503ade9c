import { BY_WHAT_IS_UNWELL } from "../response/explains.ts";
import { respond } from "../response/machine.ts";
import { rules } from "./diagnosis.ts";

/**
 * A release made it worse. Deployments are frozen, so that the next push does not ship it again; the release is rolled back to the
 * last good one; and the freeze stays until a person releases it.
 */
export const definition = respond({
  id: "rollout-regression",
  version: 1,
  confirms: false,
  contains: true,
  keeps: true,
  rules,
  title: "A release made it worse",
  next: "Next: I look for the last good deployment, and roll back to it.",
  severity: "high",
  explains: { here: ["service-down", "crash-loop", ...BY_WHAT_IS_UNWELL] },
});
