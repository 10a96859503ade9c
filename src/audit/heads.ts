import { type Head, headText } from "../domain/chain.ts";
import type { Finding, HeadLine } from "../ports/audit.ts";
import { moment } from "./words.ts";

/** The file of heads, as messages name it. */
const FILE = "heads.txt";

/** What the heads outside the journal say of it. */
export interface HeadsCheck {
  see(line: HeadLine): readonly Finding[];
  end(): readonly Finding[];
  count(): number;
}

/** Lines in a row that do not agree with the journal. */
interface Run {
  readonly line: number;
  readonly from: Head;
  to: Head;
}

/**
 * `at` is an entry of the chain by its number. Of a single line that disagrees before others that agree the line itself was changed,
 * because each hash stands for all before it (when the chain itself is whole).
 */
export function createHeadsCheck(at: (seq: number) => Head | null, last: number): HeadsCheck {
  let run: Run | null = null;
  let previous = 0;
  let count = 0;

  const close = (isLineWrong: boolean): readonly Finding[] => {
    if (run === null) return [];
    const found = about(run, isLineWrong, last);
    run = null;
    return found;
  };

  const compare = (line: number, head: Head): readonly Finding[] => {
    const entry = at(head.seq);
    if (entry !== null && entry.hash === head.hash) {
      const closed = close(run !== null && head.seq > run.to.seq);
      return entry.at === head.at ? closed : [...closed, wrongTime(line, head, entry)];
    }
    // A gap is told by the chain.
    if (entry === null && head.seq <= last) return [];
    // What is missing and what is otherwise are two stories.
    const isOther =
      run !== null && (head.seq <= run.to.seq || run.from.seq > last !== head.seq > last);
    const closed = isOther ? close(false) : [];
    if (run === null) run = { line, from: head, to: head };
    else run.to = head;
    return closed;
  };

  return {
    see({ number, head }) {
      if (head === null)
        return [{ seq: null, at: null, where: `${FILE} line ${number}`, text: "is no head" }];
      count += 1;
      const hole = head.seq > previous + 1 ? [missingLines(number, previous, head)] : [];
      previous = head.seq;
      return [...hole, ...compare(number, head)];
    },
    end: () => close(false),
    count: () => count,
  };
}

/** A head that a person has from a message or a report: it must be in the chain. */
export function checkGiven(
  given: Pick<Head, "seq" | "hash">,
  at: (seq: number) => Head | null,
  last: Head | null,
): Finding | null {
  const where = `the head ${headText(given)}`;
  const entry = at(given.seq);
  if (entry === null) {
    const text =
      last !== null && given.seq < last.seq
        ? `entry #${given.seq} is missing`
        : `the journal ends before it, with ${last === null ? "nothing" : `#${last.seq} of ${moment(last.at)}`}: its tail is missing`;
    return { seq: given.seq, at: null, where, text };
  }
  if (entry.hash.startsWith(given.hash)) return null;
  const text = `the journal has ${headText(entry)}: this entry or one before it was written anew`;
  return { seq: given.seq, at: entry.at, where, text };
}

function about({ line, from, to }: Run, isLineWrong: boolean, last: number): readonly Finding[] {
  const which = from.seq === to.seq ? `#${from.seq}` : `#${from.seq} to #${to.seq}`;
  const where = `${FILE} line ${line}`;
  const head = { seq: from.seq, at: from.at };
  if (isLineWrong)
    return [
      { ...head, where, text: `was changed for ${which}: the entries after it know another hash` },
    ];
  if (from.seq > last) {
    const text = `${which} missing: the journal ends with #${last}, ${FILE} has them, of ${moment(from.at)} to ${moment(to.at)}`;
    return [{ ...head, where: "journal", text }];
  }
  const text = `from #${from.seq} of ${moment(from.at)} on (to #${to.seq}) the journal is another than it was: ${FILE} line ${line} has ${headText(from)}`;
  return [{ ...head, where: "journal", text }];
}

function missingLines(number: number, previous: number, head: Head): Finding {
  const [from, to] = [previous + 1, head.seq - 1];
  const which = from === to ? `#${from} is` : `#${from} to #${to} are`;
  return {
    seq: from,
    at: null,
    where: `${FILE} line ${number}`,
    text: `the line for ${which} missing before it`,
  };
}

function wrongTime(line: number, head: Head, entry: Head): Finding {
  const text = `says ${moment(head.at)} for #${head.seq}, the journal ${moment(entry.at)}`;
  return { seq: head.seq, at: entry.at, where: `${FILE} line ${line}`, text };
}
