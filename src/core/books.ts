import { KEEP_MS } from "../domain/apply.ts";
import type { Problem } from "../domain/problem.ts";
import { spell, timeOfDay } from "../domain/time.ts";
import type { Draft } from "./draft.ts";
import { tellAll } from "./tell.ts";

/**
 * What a start finds wrong with its own books is written down, and people are told what follows. Books that are new are no doubt any
 * more when they are as old as the longest look-back of any budget; a folder that is not kept is one until a start finds it elsewhere.
 */
export function noteBooks(draft: Draft, doubt: Problem | undefined): void {
  const { at } = draft.event;
  const known = draft.world().marks.booksDoubt ?? null;
  if (doubt === undefined) {
    const isOver = known !== null && (known.until === null || at >= known.until);
    if (isOver) draft.putMarks({ booksDoubt: null });
    return;
  }
  const until = doubt.code === "books-empty" ? at + KEEP_MS : null;
  draft.putMarks({ booksDoubt: { code: doubt.code, detail: doubt.detail, until } });
  tellAll(draft, "capped", "I only suggest: my books do not know what was done before", [
    `Why: ${doubt.detail}.`,
    "Budgets, cooldowns and what did not help count from nothing, so a person decides on every act.",
    until === null
      ? "It stays so until the books are on a volume and I am started anew: docs/reference/deploy.md."
      : `It ends in ${spell(KEEP_MS)}, at ${timeOfDay(until)}, by itself. If there should have been books, look for the volume.`,
  ]);
}
