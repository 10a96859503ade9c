import type { Commit } from "../ports/store.ts";

/**
 * Every entry must follow the one before it: the number is part of what was decided, so a gap means that
 * the caller decided on another world than the stored one. Throws; no operating failure leads here.
 */
export function assertFollows(last: number, commits: readonly Commit[]): void {
  let expected = last + 1;
  for (const { entry } of commits) {
    if (entry.seq !== expected) {
      throw new Error(`journal entry ${entry.seq} does not follow: expected ${expected}`);
    }
    expected += 1;
  }
}
