import type { Incident } from "../domain/incident.ts";
import { spell, type Millis } from "../domain/time.ts";
import type { Records } from "../ports/store.ts";
import { openRecords } from "../storage/sqlite/index.ts";
import { findIncident, readStory } from "../report/read.ts";
import type { Story } from "../report/story.ts";
import { plain } from "../report/words.ts";

/** Reading takes moments; a disk that hangs must not hang a person too. */
const READ_MS: Millis = 30_000;
const NAMED_MAX = 5;

/** The answer of a question to the books, or the sentence that says why there is none and what to do. */
export type Asked<Answer> =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly sentence: string };

/** Opens the books in `folder` for reading, beside a running daemon or without one, asks once and closes them. */
export async function askBooks<Answer>(
  folder: string,
  ask: (records: Records, signal: AbortSignal) => Promise<Asked<Answer>>,
): Promise<Asked<Answer>> {
  const opened = await openRecords({ folder });
  if (opened.kind === "absent") return refusal(noJournal(folder));
  if (opened.kind === "failed") return refusal(unreadable(folder, opened.problem.detail));
  const signal = AbortSignal.timeout(READ_MS);
  try {
    return await ask(opened.records, signal);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return refusal(
      signal.aborted
        ? `The journal in ${folder} could not be read within ${spell(READ_MS)}. Try again, or look at the disk.`
        : unreadable(folder, detail),
    );
  } finally {
    await opened.records.close();
  }
}

/** The incident of this id, or of this unambiguous beginning of one. */
export async function askIncident(
  records: Records,
  idOrPrefix: string,
  signal: AbortSignal,
): Promise<Asked<Incident>> {
  const found = await findIncident(records, idOrPrefix, signal);
  if (found.kind === "found") return { ok: true, answer: found.incident };
  if (found.kind === "unknown") {
    return refusal(`There is no incident "${plain(idOrPrefix)}". All of them: signalman incidents`);
  }
  const more = found.ids.length > NAMED_MAX ? ", …" : "";
  return refusal(
    `"${plain(idOrPrefix)}" could be ${found.ids.length} incidents: ${found.ids.slice(0, NAMED_MAX).join(", ")}${more}. Type more of it.`,
  );
}

/** Its story. */
export async function askStory(
  records: Records,
  idOrPrefix: string,
  signal: AbortSignal,
): Promise<Asked<Story>> {
  const asked = await askIncident(records, idOrPrefix, signal);
  if (!asked.ok) return asked;
  const story = await readStory(records, asked.answer, signal);
  return story === null
    ? refusal(
        `Incident ${asked.answer.id} is known, but the journal does not hold its opening, so nothing can be explained. To see what is known: signalman incidents`,
      )
    : { ok: true, answer: story };
}

function refusal(sentence: string): { readonly ok: false; readonly sentence: string } {
  return { ok: false, sentence };
}

export function noJournal(folder: string): string {
  return `There is no journal in ${folder} yet. Start the daemon (signalman start), or name its data folder with --data or SIGNALMAN_DATA.`;
}

export function unreadable(folder: string, detail: string): string {
  return `The journal in ${folder} cannot be read: ${plain(detail)}.`;
}
