import { BY_WHAT_IS_DOWN } from "../response/explains.ts";
import { respond } from "../response/machine.ts";
import { rules } from "./diagnosis.ts";

/** Redis does not answer. The app is expected to live without its cache for a while; what is crashed or hangs is restarted once. */
export const definition = respond({
  id: "redis-down",
  version: 1,
  confirms: true,
  contains: false,
  keeps: false,
  rules,
  title: "Redis down",
  next: "Next: I ask Railway what it sees, and restart only what is crashed or not answering.",
  severity: "high",
  explains: { acrossNeeds: BY_WHAT_IS_DOWN },
});
