import type { Head } from "../domain/chain.ts";
import type { Rules } from "../domain/rules.ts";
import type { Audit, Finding, StoredRow } from "../ports/audit.ts";
import { baseOf, checkCheckpoints, createChainCheck } from "./chain.ts";
import { createDecisionCheck, type Recomputed } from "./decisions.ts";
import { checkGiven, createHeadsCheck } from "./heads.ts";

/** Whether the books are as they were written. The keys are a contract: within version 1 none goes or changes. */
export interface Verification {
  readonly version: 1;
  readonly ok: boolean;
  readonly journal: {
    readonly entries: number;
    readonly first: Head | null;
    readonly head: Head | null;
    /** Up to this entry the chain was made at an update, after they had been written. */
    readonly chainedLater: Head | null;
    /** Up to this entry everything was removed from the journal. */
    readonly pruned: Head | null;
  };
  /** Lines of the file beside the journal; `null` when it is not there. */
  readonly heads: number | null;
  /** Heads that were given and are in the chain. */
  readonly given: readonly Pick<Head, "seq" | "hash">[];
  /** Decisions and tables are looked at as far as the chain is whole, and from its beginning only. */
  readonly decisions: Recomputed;
  readonly tablesChecked: boolean;
  readonly findings: readonly Finding[];
  /** Findings beyond those that are listed. */
  readonly more: number;
}

/** More than this help nobody. */
const FINDINGS_MAX = 100;

/**
 * Reads the books once from their beginning, in memory that does not grow with them. `given`: heads that a person has from elsewhere.
 * Trouble of the disk rejects.
 */
export async function verify(
  audit: Audit,
  options: {
    readonly given: readonly Pick<Head, "seq" | "hash">[];
    readonly rules: Rules | null;
    readonly programVersion: string;
  },
  signal: AbortSignal,
): Promise<Verification> {
  const found = collector();
  const walk = walkRows(audit, options, found.add, signal);
  const { first, last } = walk;
  found.add(checkCheckpoints(walk.checkpoints, audit.at, first?.seq ?? 1));

  const heads = createHeadsCheck(audit.at, last?.seq ?? 0);
  const lines = audit.lines(signal);
  if (lines !== null) for await (const line of lines) found.add(heads.see(line));
  else if (last !== null) found.add([NO_FILE]);
  found.add(heads.end());

  const lost = options.given.map((head) => checkGiven(head, audit.at, last));
  found.add(lost.filter((finding) => finding !== null));
  return {
    version: 1,
    ok: found.list.length === 0,
    journal: {
      entries: walk.entries,
      first: first === null ? null : headOf(first),
      head: last === null ? null : headOf(last),
      chainedLater: walk.checkpoints.findLast(({ cause }) => cause === "migrated") ?? null,
      pruned: walk.base,
    },
    heads: lines === null ? null : heads.count(),
    given: options.given.filter((_, index) => lost[index] === null),
    decisions: walk.decisions,
    tablesChecked: walk.tablesChecked,
    findings: found.list,
    more: found.more(),
  };
}

const NO_FILE: Finding = {
  seq: null,
  at: null,
  where: "heads.txt",
  text: "is not there, so that it cannot be seen whether the journal has lost its tail or was written anew",
};

function walkRows(
  audit: Audit,
  options: { readonly rules: Rules | null; readonly programVersion: string },
  add: (findings: readonly Finding[]) => void,
  signal: AbortSignal,
) {
  const checkpoints = audit.checkpoints();
  const decisions = createDecisionCheck(options.rules, options.programVersion);
  const tables = audit.tables();
  let chain: ReturnType<typeof createChainCheck> | null = null;
  let [first, last]: [StoredRow | null, StoredRow | null] = [null, null];
  let base: Head | null = null;
  let entries = 0;
  for (const page of audit.rows(signal)) {
    for (const row of page) {
      if (chain === null) {
        base = baseOf(row, checkpoints);
        chain = createChainCheck(base);
        first = row;
      }
      const wasWhole = chain.isWhole();
      add(chain.see(row));
      entries += 1;
      last = row;
      // A world of which the beginning is missing, or an entry was changed, leads nowhere.
      if (!wasWhole || base !== null || row.entry === null) continue;
      const difference = decisions.see(row.entry);
      if (!chain.isWhole()) {
        if (difference !== null) chain.hint(difference);
        continue;
      }
      if (difference !== null)
        add([{ seq: row.seq, at: row.at, where: "journal.body", text: difference }]);
      add(tables.see(row.entry));
    }
  }
  add(chain?.end() ?? []);
  const tablesChecked = (chain?.isWhole() ?? true) && base === null;
  if (tablesChecked) add(tables.end(decisions.world()));
  return { checkpoints, base, entries, first, last, decisions: decisions.result(), tablesChecked };
}

function collector() {
  const list: Finding[] = [];
  let more = 0;
  return {
    list,
    more: () => more,
    add: (findings: readonly Finding[]): void => {
      for (const finding of findings) {
        if (list.length < FINDINGS_MAX) list.push(finding);
        else more += 1;
      }
    },
  };
}

function headOf({ seq, at, hash }: Head): Head {
  return { seq, at, hash };
}
