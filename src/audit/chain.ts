import { type Head, headText, linkOf, NO_HASH } from "../domain/chain.ts";
import type { Entry } from "../domain/world.ts";
import type { Checkpoint, Finding, StoredRow } from "../ports/audit.ts";
import { moment } from "./words.ts";

/** Follows the chain from row to row and says where it is not what was written. */
export interface ChainCheck {
  /** Findings about this row or the one before it: which column of a row is wrong shows at the next one. */
  see(row: StoredRow): readonly Finding[];
  /** False once a row did not fit. */
  isWhole(): boolean;
  /** What else is known of the row that has just not fitted. */
  hint(text: string): void;
  end(): readonly Finding[];
}

interface Doubt {
  readonly row: StoredRow;
  /** The hash of what stands before it, and of itself as it stands. */
  readonly previous: string;
  readonly computed: string;
  hint: string | null;
}

/** `base` is what stands before the first row: `null` in a journal that begins with its first entry. */
export function createChainCheck(base: Head | null): ChainCheck {
  let previous: Head = base ?? { seq: 0, at: 0, hash: NO_HASH };
  let doubt: Doubt | null = null;
  let isWhole = true;

  const settle = (isHash: boolean): readonly Finding[] => {
    if (doubt === null) return [];
    const found = isHash
      ? [
          finding(
            doubt.row,
            "journal.hash",
            "is not the hash of this entry; the next entry knows the right one",
          ),
        ]
      : changedFields(doubt);
    doubt = null;
    return found;
  };

  const follow = (row: StoredRow): readonly Finding[] => {
    const hash = linkOf(previous.hash, Object.values(row.columns));
    if (hash === row.hash) return [...settle(false), ...strangeColumns(row), ...unreadable(row)];
    // The one before may only have lost its hash: then this row follows what that hash should be.
    if (doubt !== null && linkOf(doubt.computed, Object.values(row.columns)) === row.hash)
      return settle(true);
    const settled = settle(false);
    doubt = { row, previous: previous.hash, computed: hash, hint: null };
    return settled;
  };

  return {
    see(row) {
      const gap = row.seq - previous.seq - 1;
      const found =
        gap === 0
          ? follow(row)
          : [...settle(false), gapBefore(row, previous, gap), ...strangeColumns(row)];
      const odd = row.odd.map((column) =>
        finding(row, `journal.${column}`, "is stored as another type than it was written"),
      );
      previous = row;
      if (found.length + odd.length > 0 || doubt !== null) isWhole = false;
      return [...found, ...odd];
    },
    isWhole: () => isWhole,
    hint(text) {
      if (doubt !== null) doubt.hint = text;
    },
    end: () => settle(false),
  };
}

/** Where a chain begins: after nothing, or after what a checkpoint says was removed. */
export function baseOf(
  first: StoredRow | undefined,
  checkpoints: readonly Checkpoint[],
): Head | null {
  const before = checkpoints.find(({ seq, cause }) => seq + 1 === first?.seq && cause === "pruned");
  return before ?? null;
}

/** Checkpoints must agree with the entries they stand for, as far as those are there. */
export function checkCheckpoints(
  checkpoints: readonly Checkpoint[],
  at: (seq: number) => Head | null,
  first: number,
): readonly Finding[] {
  return checkpoints.flatMap((checkpoint) => {
    const { seq, cause, hash } = checkpoint;
    const where = `checkpoints ${seq}`;
    const say = (column: string, text: string): Finding => ({
      seq,
      at: checkpoint.at,
      where: `${where}${column}`,
      text,
    });
    if (cause !== "migrated" && cause !== "pruned")
      return [say(".cause", `"${cause}" is no cause of a checkpoint`)];
    const entry = at(seq);
    if (entry === null) {
      // Removed with all before it, the migrated ones too.
      return seq < first ? [] : [say("", "stands for an entry that is not there")];
    }
    if (entry.hash !== hash)
      return [say(".hash", `${headText({ seq, hash })}, the journal has ${headText(entry)}`)];
    return entry.at === checkpoint.at ? [] : [say(".at", `the entry is of ${moment(entry.at)}`)];
  });
}

function gapBefore(row: StoredRow, previous: Head, gap: number): Finding {
  if (gap < 0) return finding(row, "journal.seq", `stands where no entry #${row.seq} can be`);
  const [from, to] = [previous.seq + 1, row.seq - 1];
  const which = from === to ? `entry #${from} is` : `entries #${from} to #${to} are`;
  const after = previous.seq === 0 ? "from before" : `between ${moment(previous.at)} and`;
  return {
    seq: from,
    at: previous.seq === 0 ? null : previous.at,
    where: "journal",
    text: `${which} missing (${after} ${moment(row.at)}), so that #${row.seq} cannot be checked against what came before it`,
  };
}

/** What of a row that does not fit is wrong, as closely as it can be known. */
function changedFields({ row, previous, hint }: Doubt): readonly Finding[] {
  const { entry } = row;
  if (entry === null)
    return [finding(row, "journal.body", "is no entry any more: it cannot be read")];
  const told = strangeColumns(row);
  // What the body says of the columns fits: it is the columns that were changed, and this is what they were.
  const columns = { ...row.columns, ...columnsBy(entry) };
  if (told.length > 0 && linkOf(previous, Object.values(columns)) === row.hash) return told;
  const more = hint === null ? "" : `: ${hint}`;
  return [
    ...told,
    finding(row, "journal.body", `is not what was written, or its hash is not${more}`),
  ];
}

/** A row that fits and is no entry was chained so. */
function unreadable(row: StoredRow): readonly Finding[] {
  return row.entry === null ? [finding(row, "journal.body", "is no entry")] : [];
}

/** Columns beside the body that say something else than it. */
function strangeColumns(row: StoredRow): readonly Finding[] {
  if (row.entry === null) return [];
  return Object.entries(columnsBy(row.entry))
    .filter(([column, value]) => textOf(row.columns[column]) !== textOf(value))
    .map(([column, value]) => {
      const text = `says ${textOf(row.columns[column])}, the entry itself ${textOf(value)}`;
      return finding(row, `journal.${column}`, text);
    });
}

/** By the body, which may be anything. */
function columnsBy(entry: Partial<Entry>): Readonly<Record<string, string | number | null>> {
  const { seq = null, at = null, event, decision } = entry;
  return {
    seq,
    at,
    event_id: event?.id ?? null,
    incident: decision?.incident ?? null,
    type: event?.type ?? null,
  };
}

function textOf(value: StoredRow["columns"][string] | undefined): string {
  if (value === null || value === undefined) return "nothing";
  // Through bytes, so that what cannot be stored is the same on both sides.
  return typeof value === "object" || typeof value === "string"
    ? Buffer.from(value as string).toString()
    : String(value);
}

function finding(row: StoredRow, where: string, text: string): Finding {
  return { seq: row.seq, at: row.at, where, text };
}
