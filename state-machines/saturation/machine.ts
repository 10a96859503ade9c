import { BY_WHAT_IS_UNWELL } from "../response/explains.ts";
import { respond } from "../response/machine.ts";
import { rules } from "./diagnosis.ts";

/**
 * Something runs out: connections, memory, or the requests that can be worked on at once. Load is shed first; then more replicas,
 * where they help; a restart only where memory is what runs out.
 */
export const definition = respond({
  id: "saturation",
  version: 2,
  confirms: false,
  contains: true,
  keeps: false,
  sustains: true,
  rules,
  title: "It runs out of room",
  severity: "medium",
  explains: { acrossNeeds: BY_WHAT_IS_UNWELL },
});
