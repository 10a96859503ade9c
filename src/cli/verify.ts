import { resolve } from "node:path";

import { InvalidArgumentError, type Command } from "commander";

import { checkClaims, type Claims } from "../audit/claims.ts";
import { renderVerification, withClaims } from "../audit/text.ts";
import { verify } from "../audit/verify.ts";
import { explain } from "../config/explain.ts";
import { loadConfig } from "../config/load.ts";
import { readHead, type Head } from "../domain/chain.ts";
import type { Json } from "../domain/json.ts";
import type { Rules } from "../domain/rules.ts";
import { spell, type Millis } from "../domain/time.ts";
import type { Audit } from "../ports/audit.ts";
import { reportOn } from "../report/report.ts";
import type { Story } from "../report/story.ts";
import { openAudit } from "../storage/sqlite/audit.ts";
import { openRecords } from "../storage/sqlite/index.ts";
import { VERSION } from "../version.ts";
import { type Asked, askBooks, askStory, noJournal, unreadable } from "./books.ts";
import { dataFolder } from "./data-folder.ts";
import type { Io } from "./io.ts";

interface Options {
  readonly data?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly head: readonly Given[];
}

type Given = Pick<Head, "seq" | "hash">;

/** A journal of many years, on a slow disk. */
const VERIFY_MS: Millis = 60 * 60_000;

/** `verify` says whether the books are as they were written; with an incident also whether all that its report rests on is there. */
export function register(program: Command, io: Io): void {
  program
    .command("verify")
    .description(
      "check that the journal is as it was written: its chain, its decisions, and what an incident's report rests on",
    )
    .argument("[id]", "id of an incident, or the beginning of one")
    .option(
      "--head <seq:hash>",
      "a head from a message or a report, which must be in the journal; may be given more than once",
      headOf,
      [],
    )
    .option(
      "--config <file>",
      "the configuration of entries from before the journal kept it, to make their decisions again",
    )
    .option(
      "--data <folder>",
      "the daemon's data folder (default: SIGNALMAN_DATA, else .signalman)",
    )
    .option("--json", "print JSON")
    .action((id: string | undefined, options: Options) => answer(io, id, options));
}

async function answer(io: Io, id: string | undefined, options: Options): Promise<void> {
  const loaded = await rulesOf(io, options.config);
  if (!loaded.ok) return io.exit(2);
  const folder = dataFolder(io, options.data);
  // Before the audit's moment: what the report rests on must be in it.
  const story =
    id === undefined
      ? null
      : await askBooks(folder, (books, signal) => askStory(books, id, signal));
  // An incident that cannot be found may be what somebody took away: the books are looked at all the same.
  const asked = await audit(folder, story?.ok === true ? story.answer : null, {
    given: options.head,
    rules: loaded.rules,
  });
  if (!asked.ok) return refuse(io, asked.sentence);
  const { result, report } = asked.answer;
  const whole = withClaims(result, report);
  io.out(
    options.json === true
      ? JSON.stringify({ ...whole, report }, null, 2)
      : renderVerification(whole, report),
  );
  if (story?.ok === false) return refuse(io, story.sentence);
  if (!whole.ok) io.exit(1);
}

interface Answer {
  readonly result: Awaited<ReturnType<typeof verify>>;
  readonly report: Claims | null;
}

async function audit(
  folder: string,
  story: Story | null,
  options: { readonly given: readonly Given[]; readonly rules: Rules | null },
): Promise<Asked<Answer>> {
  const opened = openAudit({ folder });
  if (opened.kind === "absent") return { ok: false, sentence: noJournal(folder) };
  if (opened.kind === "failed")
    return { ok: false, sentence: unreadable(folder, opened.problem.detail) };
  const signal = AbortSignal.timeout(VERIFY_MS);
  try {
    const result = await verify(opened.audit, { ...options, programVersion: VERSION }, signal);
    const report = story === null ? null : await claimsOf(folder, story, opened.audit, signal);
    return { ok: true, answer: { result, report } };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const sentence = signal.aborted
      ? `The journal in ${folder} could not be read within ${spell(VERIFY_MS)}. Look at the disk.`
      : unreadable(folder, detail);
    return { ok: false, sentence };
  } finally {
    opened.audit.close();
  }
}

async function claimsOf(
  folder: string,
  story: Story,
  { at }: Audit,
  signal: AbortSignal,
): Promise<Claims> {
  const opened = await openRecords({ folder });
  const notices = new Set(story.deliveries.map(({ notice }) => notice.id as string));
  const report = JSON.parse(JSON.stringify(reportOn(story, Date.now()))) as Json;
  try {
    return await checkClaims(report, {
      at,
      hasNotice: (id) => notices.has(id),
      hasSample: async (moment) => {
        if (opened.kind !== "open") return false;
        for await (const page of opened.samples.between(moment, moment, signal))
          if (page.length > 0) return true;
        return false;
      },
    });
  } finally {
    if (opened.kind === "open") await opened.records.close();
  }
}

async function rulesOf(
  io: Io,
  file: string | undefined,
): Promise<{ readonly ok: true; readonly rules: Rules | null } | { readonly ok: false }> {
  if (file === undefined) return { ok: true, rules: null };
  const loaded = await loadConfig(resolve(io.cwd, file), io.env);
  if (loaded.ok) return { ok: true, rules: loaded.config.rules };
  io.err(explain(loaded.faults, file));
  return { ok: false };
}

function headOf(text: string, before: readonly Given[]): readonly Given[] {
  const head = readHead(text);
  if (head !== null) return [...before, head];
  throw new InvalidArgumentError(
    "a head as it stands in a message or a report is expected, for example 1234:9f2c41d07a3b.",
  );
}

function refuse(io: Io, sentence: string): void {
  io.err(sentence);
  io.exit(1);
}
