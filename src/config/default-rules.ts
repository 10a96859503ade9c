import { BUDGETS, TRAITS } from "../actions/index.ts";
import { hashOf } from "../domain/ids.ts";
import type { Rules } from "../domain/rules.ts";
import { SECOND_MS } from "../domain/time.ts";
import { CEILINGS, REOPEN_MS } from "./ceilings.ts";
import { loadRunbooks } from "./runbooks.ts";

/** What holds without a configuration: these targets, nothing needed by anything, everything in shadow. */
export async function defaultRules(targets: readonly string[]): Promise<Rules> {
  const shipped = await loadRunbooks();
  if (!shipped.ok) throw new Error("a shipped runbook is wrong");
  const rules: Omit<Rules, "hash"> = {
    targets: Object.fromEntries(
      targets.map((name) => [
        name,
        { needs: [], detectMsMax: 30 * SECOND_MS, freshMs: 30 * SECOND_MS },
      ]),
    ),
    switches: {},
    modes: { default: "shadow" },
    actions: TRAITS,
    ceilings: CEILINGS,
    reopenMs: REOPEN_MS,
    budgets: BUDGETS,
    runbooks: Object.fromEntries(shipped.runbooks.map((runbook) => [runbook.machine, runbook])),
  };
  return { hash: hashOf(rules), ...rules };
}
