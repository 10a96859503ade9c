import { respond } from "../response/machine.ts";
import { rules } from "./diagnosis.ts";

/**
 * Memory grows towards its limit. People are told how long it will last; the process is replaced in the quietest allowed time before
 * the limit. After two replacements with the same growth the release is to blame, and a rollback is proposed.
 */
export const definition = respond({
  id: "memory-leak",
  version: 1,
  confirms: false,
  contains: false,
  keeps: false,
  rules,
  title: "Memory grows towards its limit",
  severity: "medium",
});
