import type { Entry } from "../domain/world.ts";
import type { Instant } from "../domain/time.ts";
import type { Records } from "../ports/store.ts";
import { createGatherer } from "./gather.ts";
import { tally, type Score } from "./tally.ts";

const PAGE = 500;

/** The score from the journal, read page by page. Everything is read: what was wanted lately may belong to an older incident. */
export async function readScore(
  records: Records,
  since: Instant | null,
  signal: AbortSignal,
): Promise<Score> {
  const gatherer = createGatherer();
  let page: readonly Entry[];
  let after = 0;
  do {
    page = await records.entries({ after, limit: PAGE }, signal);
    for (const entry of page) gatherer.see(entry);
    after = page.at(-1)?.seq ?? after;
  } while (page.length === PAGE);
  return tally(gatherer.gathered(), since);
}
