import { problem, type Problem } from "../../domain/problem.ts";
import { MINUTE_MS, type Instant, type Millis } from "../../domain/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Call, Graphql, Reply } from "../graphql.ts";
import { failure, success, type Result } from "../result.ts";
import { pollDocument, split, type Alias, type Feature, type Grain } from "./aliases.ts";

/** By the alias's name. */
export type Answers = ReadonlyMap<string, Result<unknown>>;

export interface Question {
  readonly aliases: readonly Alias[];
  readonly grain: Grain;
  /** Those that a document does not name are not sent with it. */
  readonly variables: { readonly [name: string]: string };
  readonly call: Call;
}

export interface Asker {
  /** Asks for all aliases. Every one of them has an answer or a problem of its own. */
  ask(question: Question): Promise<Answers>;
  /** Requests that a poll of these takes when nothing fails. */
  requestsFor(aliases: readonly Alias[]): number;
  /** Features this server refuses to know: never asked for again. */
  leftOut(): { readonly [feature in Feature]?: Problem };
}

/** Roots are non-null, so one failure empties an answer and the rest is asked again; not without end. */
const ROUNDS_MAX = 4;

/** Sends polls in as few requests as can be, and finds out which alias or feature is to blame when one is refused. */
export function createAsker(graphql: Graphql, clock: Clock): Asker {
  const blame = createBlame(clock);

  /** One request. What concerns all of its aliases is returned; what concerns one of them is put into `answers`. */
  async function send(
    question: Question,
    aliases: readonly Alias[],
    answers: Map<string, Result<unknown>>,
  ): Promise<Problem | null> {
    const { document, ids } = pollDocument(aliases, question.grain);
    const named = Object.entries(question.variables).filter(([name]) =>
      document.includes(`$${name}`),
    );
    const variables = { ...Object.fromEntries(named), ...ids };
    const reply = await graphql.query(document, variables, question.call);
    if (!reply.ok) return reply.problem;
    const { told, whole } = settle(aliases, reply.value);
    for (const [alias, result] of told) {
      answers.set(alias.name, result);
      if (!result.ok) blame.note(alias, result.problem);
    }
    return whole;
  }

  /** One chunk of aliases until each has an answer. */
  async function askChunk(
    question: Question,
    chunk: readonly Alias[],
    answers: Map<string, Result<unknown>>,
  ): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const open = chunk.filter(({ name }) => !answers.has(name));
      if (open.length === 0) return;
      const why = await send(question, open, answers);
      if (why === null) continue;
      if (!isAboutTheDocument(why)) {
        // Only log lines can be of any length: without them the next poll fits again.
        if (isTooMuch(why))
          for (const alias of open) if (alias.feature === "logs") blame.note(alias, why);
        return failRest(open, why, answers);
      }
      for (const group of Map.groupBy(open, ({ feature }) => feature).values()) {
        const ofGroup = await send(question, group, answers);
        if (ofGroup === null) continue;
        if (isAboutTheDocument(ofGroup)) for (const alias of group) blame.note(alias, ofGroup);
        failRest(group, ofGroup, answers);
      }
    }
    failRest(chunk, problem("railway-refused", "too many parts of a poll were refused"), answers);
  }

  return {
    async ask(question) {
      const answers = new Map<string, Result<unknown>>();
      const wanted = question.aliases.filter((alias) => {
        const why = blame.of(alias);
        if (why !== undefined) answers.set(alias.name, failure(why));
        return why === undefined;
      });
      for (const chunk of split(wanted)) await askChunk(question, chunk, answers);
      return answers;
    },
    requestsFor: (aliases) =>
      split(aliases.filter((alias) => blame.of(alias) === undefined)).length,
    leftOut: () => blame.leftOut(),
  };
}

/** What was refused is not asked for together with the others for so long: each such request would cost one more. */
const REFUSED_MS: Millis = 10 * MINUTE_MS;
const FAILED_MS: Millis = 5 * MINUTE_MS;

/** Remembers what a poll must not ask for: unknown features for good, refused aliases for a while. */
function createBlame(clock: Clock) {
  const unknown = new Map<Feature, Problem>();
  const refused = new Map<string, { readonly why: Problem; readonly until: Instant }>();
  const keyOf = ({ feature, service }: Alias): string => `${feature} ${service ?? ""}`;
  return {
    of(alias: Alias): Problem | undefined {
      const key = keyOf(alias);
      const entry = refused.get(key);
      if (entry !== undefined && entry.until <= clock.now()) refused.delete(key);
      return unknown.get(alias.feature) ?? refused.get(key)?.why;
    },
    note(alias: Alias, why: Problem): void {
      if (why.code === "railway-schema") unknown.set(alias.feature, why);
      // Without the services nothing is seen: that is worth a request more in each poll.
      else if (alias.feature !== "services") {
        const lengthMs = why.code === "railway-not-authorized" ? REFUSED_MS : FAILED_MS;
        refused.set(keyOf(alias), { why, until: clock.now() + lengthMs });
      }
    },
    leftOut: () => Object.fromEntries(unknown),
  };
}

/** What a reply says of each alias. `whole`: why it says nothing of any. */
function settle(
  aliases: readonly Alias[],
  reply: Reply,
): {
  readonly told: readonly (readonly [Alias, Result<unknown>])[];
  readonly whole: Problem | null;
} {
  const told = aliases.flatMap((alias): (readonly [Alias, Result<unknown>])[] => {
    const refusal = reply.errors.find(({ part }) => part === alias.name)?.problem;
    if (refusal !== undefined) return [[alias, failure(refusal)]];
    const value = reply.data?.[alias.name] ?? null;
    return value === null ? [] : [[alias, success(value)]];
  });
  if (told.length > 0) return { told, whole: null };
  return {
    told,
    whole: reply.errors[0]?.problem ?? problem("railway-unreadable", "no data came"),
  };
}

function failRest(
  aliases: readonly Alias[],
  why: Problem,
  answers: Map<string, Result<unknown>>,
): void {
  for (const { name } of aliases) if (!answers.has(name)) answers.set(name, failure(why));
}

/** Worth asking in pieces: the document is unknown to the server, or too heavy for it. */
function isAboutTheDocument(why: Problem): boolean {
  return why.code === "railway-schema" || why.code === "railway-refused";
}

function isTooMuch(why: Problem): boolean {
  return why.code === "railway-unreadable" && /more than \d+ bytes/.test(why.detail);
}
