-- Each entry holds the hash of all its columns and of the entry before it (src/domain/chain.ts). Entries from before this version get
-- theirs in the same transaction (`chaining.ts`), and a checkpoint says so.
ALTER TABLE journal ADD COLUMN hash TEXT NOT NULL DEFAULT '';

-- Entries that are known although the chain does not show them: `migrated` is the last one that was chained afterwards, `pruned` the last
-- one that was removed, from which a chain that begins later is checked.
CREATE TABLE checkpoints (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  hash TEXT NOT NULL,
  cause TEXT NOT NULL
);
