import type { Head, StoredValue } from "../domain/chain.ts";
import type { Instant } from "../domain/time.ts";
import type { Entry, World } from "../domain/world.ts";

/** Something in the books that is not as it was written. */
export interface Finding {
  /** The entry it concerns, where it is one, and that entry's time. */
  readonly seq: number | null;
  readonly at: Instant | null;
  /** Which file, table, row or field. */
  readonly where: string;
  /** What is wrong with it, for people. May hold text of strangers: escape it. */
  readonly text: string;
}

/** A row of the journal as it lies there. */
export interface StoredRow {
  readonly seq: number;
  readonly at: Instant;
  /** Everything the hash stands for, by column, in its order. */
  readonly columns: Readonly<Record<string, StoredValue>>;
  /** Columns that hold another type than they were given. */
  readonly odd: readonly string[];
  readonly hash: string;
  /** What the body says; `null` when it is no entry. */
  readonly entry: Entry | null;
}

/** An entry that is known although the chain does not show it. `migrated`: up to it the chain was made afterwards. `pruned`: up to it removed. */
export interface Checkpoint extends Head {
  readonly cause: string;
}

/** One line of the heads outside the journal; `head` is `null` when it is none. */
export interface HeadLine {
  readonly number: number;
  readonly head: Head | null;
}

/** Whether the tables beside the journal are what it leads to. Entries are shown in order, all of them. */
export interface TableCheck {
  see(entry: Entry): readonly Finding[];
  /** `world` is what folding the journal gave. */
  end(world: World): readonly Finding[];
}

/** The books as they lie on the disk, read at one moment beside a running daemon or without one. Trouble of the disk throws. */
export interface Audit {
  /** All rows of the journal in order, as pages of bounded length. */
  rows(signal: AbortSignal): Iterable<readonly StoredRow[]>;
  readonly at: (seq: number) => Head | null;
  checkpoints(): readonly Checkpoint[];
  /** The heads outside the journal, in the order of their writing; `null` when there is no such file. */
  lines(signal: AbortSignal): AsyncIterable<HeadLine> | null;
  tables(): TableCheck;
  close(): void;
}
