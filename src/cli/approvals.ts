import { randomUUID } from "node:crypto";

import type { Command } from "commander";

import { standingApproval, whyNotApprovable, whyNotRejectable } from "../domain/approval.ts";
import type { Attempt } from "../domain/attempt.ts";
import type { AnswerKind } from "../domain/order.ts";
import { timeOfDay } from "../domain/time.ts";
import type { Entry } from "../domain/world.ts";
import type { Records } from "../ports/store.ts";
import { plain, wish } from "../report/words.ts";
import { askBooks, askIncident, type Asked } from "./books.ts";
import { dataFolder } from "./data-folder.ts";
import type { Io } from "./io.ts";
import { give } from "./taken.ts";
import { byCommandLine } from "./who.ts";

interface Options {
  readonly data?: string;
  readonly by?: string;
}

const WORDS: { readonly [answer in AnswerKind]: string } = {
  approve: "let an act start that waits for a person; what speaks against it is looked at again",
  reject:
    "refuse an act that has not started; what should cure leaves its incident to a person then",
};

/** `approve` and `reject`: a person's answer to one attempt. */
export function register(program: Command, io: Io): void {
  for (const [answer, words] of Object.entries(WORDS) as [AnswerKind, string][]) {
    program
      .command(answer)
      .description(words)
      .argument("<attempt>", "the attempt as the message and `incidents ID` name it: 1a2b3c4d5e.4")
      .option("--by <name>", "who says so; shown to everybody (default: your user name)")
      .option(
        "--data <folder>",
        "the daemon's data folder (default: SIGNALMAN_DATA, else .signalman)",
      )
      .action((id: string, options: Options) => tryTo(io, answer, id, options));
  }
}

async function tryTo(io: Io, answer: AnswerKind, id: string, options: Options): Promise<void> {
  if (!/^[0-9a-f]{1,10}\.\d{1,6}$/.test(id)) {
    io.err(
      `Expected an attempt such as 1a2b3c4d5e.4, found "${plain(id)}". Those that wait: signalman incidents ID`,
    );
    return io.exit(2);
  }
  const folder = dataFolder(io, options.data);
  const before = await ask(folder, id);
  const at = Date.now();
  const refusal = !before.ok
    ? before.sentence
    : (answer === "approve" ? whyNotApprovable(before.answer, at) : whyNotRejectable(before.answer))
        ?.text;
  if (!before.ok || refusal !== undefined) return no(io, refusal ?? "");
  const attempt = before.answer;
  const order = {
    id: `${at}-${randomUUID()}`,
    order: answer,
    incident: attempt.incident ?? ("" as never),
    attempt: attempt.id,
    by: byCommandLine(options.by),
    at,
  };
  const waitsIn = await give(folder, order);
  const said = await saidOf(folder, attempt, order.id);
  // A daemon that died right after it took the order has left the file, and the journal has it.
  if (said === null && waitsIn !== null)
    return no(
      io,
      `No daemon has taken it yet; it waits in ${waitsIn} and counts ${answer === "approve" ? "for five minutes" : "when one runs"}.`,
    );
  const after = await ask(folder, id);
  if (!after.ok) return no(io, after.sentence);
  const isDone = said?.code === "approved" || said?.code === "approval-refused";
  if (!isDone) return no(io, said?.text ?? `${id} could not be answered any more.`);
  io.out(answer === "approve" ? approvedText(after.answer) : rejectedText(after.answer));
}

/** The row of this attempt. The incident's id may be shortened. */
function ask(folder: string, id: string): Promise<Asked<Attempt>> {
  const [prefix = "", number = ""] = id.split(".");
  return askBooks(folder, async (records, signal) => {
    const asked = await askIncident(records, prefix, signal);
    if (!asked.ok) return asked;
    const attempts = await records.attempts(asked.answer.id, signal);
    const found = attempts.find((one) => one.id === `${asked.answer.id}.${number}`);
    return found === undefined
      ? {
          ok: false,
          sentence: `There is no attempt "${plain(id)}". Those of the incident: signalman incidents ${asked.answer.id}`,
        }
      : { ok: true, answer: found };
  });
}

/** What the daemon made of the order, by its journal. */
async function saidOf(
  folder: string,
  attempt: Attempt,
  order: string,
): Promise<Entry["decision"]["reasons"][number] | null> {
  const asked = await askBooks(folder, async (records, signal) => ({
    ok: true,
    answer: await entryOf(records, attempt, order, signal),
  }));
  return asked.ok ? asked.answer : null;
}

async function entryOf(
  records: Records,
  { incident }: Attempt,
  order: string,
  signal: AbortSignal,
): Promise<Entry["decision"]["reasons"][number] | null> {
  if (incident === null) return null;
  const entries = await records.entries({ incident }, signal);
  const entry = entries.findLast(({ event }) => event.type === "order" && event.order.id === order);
  return entry?.decision.reasons[0] ?? null;
}

function approvedText(attempt: Attempt): string {
  const approval = standingApproval(attempt, Date.now());
  const what = `${wish(attempt)} (${attempt.id})`;
  if (attempt.startedAt !== null) return `Approved, and ${attempt.state} already: ${what}.`;
  return `Approved: ${what}. It starts when nothing else objects, until ${timeOfDay(approval?.until ?? attempt.expiresAt)}. What became of it: signalman why ${String(attempt.incident)}`;
}

function rejectedText(attempt: Attempt): string {
  const then =
    attempt.slot === "contain"
      ? "The incident goes on without it"
      : "The incident goes to a person";
  return `Refused: ${wish(attempt)} (${attempt.id}) is ${attempt.state} and does not start. ${then}: signalman incidents ${String(attempt.incident)}`;
}

function no(io: Io, sentence: string): void {
  io.err(sentence);
  io.exit(1);
}
