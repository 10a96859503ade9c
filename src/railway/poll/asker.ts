import { problem, type Problem } from "../../domain/problem.ts";
import { MINUTE_MS, type Instant, type Millis } from "../../domain/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Call, Graphql, Reply } from "../graphql.ts";
import { failure, success, type Result } from "../result.ts";
import { pollDocument, split, type Alias, type Feature, type Grain } from "./aliases.ts";

/** By the alias's name. */
export type Answers = ReadonlyMap<string, Result<unknown>>;

export interface Asker {
  /** Asks for all aliases. Every one of them has an answer or a problem of its own. */
  ask(
    aliases: readonly Alias[],
    grain: Grain,
    variables: { readonly [name: string]: string },
    call: Call,
  ): Promise<Answers>;
  /** Requests that a poll of these takes when nothing fails. */
  requestsFor(aliases: readonly Alias[]): number;
  /** Features this server refuses to know: never asked for again. */
  leftOut(): { readonly [feature in Feature]?: Problem };
}

/** What was refused is not asked for together with the others for so long: each such request would cost one more. */
const REFUSED_MS: Millis = 10 * MINUTE_MS;
const FAILED_MS: Millis = 5 * MINUTE_MS;
/** Roots are non-null, so one failure empties an answer and the rest is asked again; not without end. */
const ROUNDS_MAX = 4;

/** Sends polls in as few requests as can be, and finds out which alias or feature is to blame when one is refused. */
export function createAsker(graphql: Graphql, clock: Clock): Asker {
  const unknown = new Map<Feature, Problem>();
  const refused = new Map<string, { readonly why: Problem; readonly until: Instant }>();

  function known(alias: Alias): Problem | undefined {
    const key = keyOf(alias);
    const entry = refused.get(key);
    if (entry !== undefined && entry.until <= clock.now()) refused.delete(key);
    return unknown.get(alias.feature) ?? refused.get(key)?.why;
  }

  function note(alias: Alias, why: Problem): void {
    if (why.code === "railway-schema") unknown.set(alias.feature, why);
    else if (why.code !== "railway-budget" && why.code !== "railway-rate-limited") {
      const lengthMs = why.code === "railway-not-authorized" ? REFUSED_MS : FAILED_MS;
      refused.set(keyOf(alias), { why, until: clock.now() + lengthMs });
    }
  }

  return {
    async ask(aliases, grain, variables, call) {
      const answers = new Map<string, Result<unknown>>();

      const send = async (some: readonly Alias[]): Promise<Problem | null> => {
        const { document, ids } = pollDocument(some, grain);
        const needed = Object.entries(variables).filter(([name]) => document.includes(`$${name}`));
        const reply = await graphql.query(
          document,
          { ...Object.fromEntries(needed), ...ids },
          call,
        );
        return reply.ok ? settle(some, reply.value) : reply.problem;
      };
      /** Puts down what a reply says of each alias. What concerns all of them is returned instead. */
      const settle = (some: readonly Alias[], reply: Reply): Problem | null => {
        for (const alias of some) {
          const refusal = reply.errors.find(({ part }) => part === alias.name)?.problem;
          const value = reply.data?.[alias.name] ?? null;
          if (refusal !== undefined) {
            answers.set(alias.name, failure(refusal));
            note(alias, refusal);
          } else if (value !== null) answers.set(alias.name, success(value));
        }
        if (some.some(({ name }) => answers.has(name))) return null;
        return reply.errors[0]?.problem ?? problem("railway-unreadable", "no data came");
      };
      const failAll = (some: readonly Alias[], why: Problem): void => {
        for (const { name } of some) if (!answers.has(name)) answers.set(name, failure(why));
      };
      const featureByFeature = async (some: readonly Alias[]): Promise<void> => {
        for (const group of Map.groupBy(some, ({ feature }) => feature).values()) {
          const why = await send(group);
          if (why === null) continue;
          failAll(group, why);
          if (isAboutTheDocument(why)) for (const alias of group) note(alias, why);
        }
      };
      const askOne = async (chunk: readonly Alias[]): Promise<void> => {
        for (let round = 0; round < ROUNDS_MAX; round += 1) {
          const open = chunk.filter(({ name }) => !answers.has(name));
          if (open.length === 0) return;
          const why = await send(open);
          if (why === null) continue;
          if (isAboutTheDocument(why)) await featureByFeature(open);
          else if (isTooMuch(why)) leaveOutLogs(open, why);
          failAll(open, why);
        }
        failAll(chunk, problem("railway-refused", "too many parts of one poll were refused"));
      };
      /** Only log lines can be of any length: without them the next poll fits again. */
      const leaveOutLogs = (some: readonly Alias[], why: Problem): void => {
        for (const alias of some) if (alias.feature === "logs") note(alias, why);
      };

      const wanted = aliases.filter((alias) => {
        const why = known(alias);
        if (why !== undefined) answers.set(alias.name, failure(why));
        return why === undefined;
      });
      for (const chunk of split(wanted)) await askOne(chunk);
      return answers;
    },
    requestsFor: (aliases) => split(aliases.filter((alias) => known(alias) === undefined)).length,
    leftOut: () => Object.fromEntries(unknown),
  };
}

function keyOf({ feature, service }: Alias): string {
  return `${feature} ${service ?? ""}`;
}

/** Worth asking in pieces: the document is unknown to the server, or too heavy for it. */
function isAboutTheDocument(why: Problem): boolean {
  return why.code === "railway-schema" || why.code === "railway-refused";
}

function isTooMuch(why: Problem): boolean {
  return why.code === "railway-unreadable" && /more than \d+ bytes/.test(why.detail);
}
