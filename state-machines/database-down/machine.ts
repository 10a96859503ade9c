import { BY_WHAT_IS_DOWN } from "../response/explains.ts";
import { respond } from "../response/machine.ts";
import { rules } from "./diagnosis.ts";

/**
 * The database does not answer. Read-only mode contains it: writes are refused with a message instead of failing one by one. Only
 * what is crashed or not answering is restarted, once.
 */
export const definition = respond({
  id: "database-down",
  version: 2,
  confirms: true,
  contains: true,
  keeps: false,
  rules,
  title: "Database down",
  next: "Next: I ask Railway what it sees, and restart only what is crashed or not answering.",
  severity: "critical",
  explains: { acrossNeeds: BY_WHAT_IS_DOWN },
});
