import { isObject } from "../report/words.ts";
import type { Head } from "../domain/chain.ts";
import type { Json } from "../domain/json.ts";
import type { Instant } from "../domain/time.ts";
import type { Finding } from "../ports/audit.ts";
import { moment } from "./words.ts";

/** What a report rests on. */
export interface Sources {
  readonly at: (seq: number) => Head | null;
  readonly hasNotice: (id: string) => boolean;
  /** Samples may be lost or thinned, the journal not. */
  readonly hasSample: (at: Instant) => Promise<boolean>;
}

/** How many places a report names, and what of them is not there. */
export interface Claims {
  readonly sources: number;
  /** Moments of samples that are kept no more: allowed, and said. */
  readonly samplesGone: readonly Instant[];
  readonly findings: readonly Finding[];
}

/** Looks up everything that a report (its JSON) names: entries with their time, notices and samples. */
export async function checkClaims(report: Json, sources: Sources): Promise<Claims> {
  const findings: Finding[] = [];
  const samplesGone = new Set<Instant>();
  let count = 0;
  for (const { path, seq, sample, notice, at } of claimsOf(report, "report")) {
    count += 1;
    const say = (text: string): void =>
      void findings.push({ seq: seq ?? null, at: at ?? null, where: path, text });
    if (seq !== undefined) {
      const entry = sources.at(seq);
      if (entry === null) say(`rests on entry #${seq}, which is not in the journal`);
      else if (at !== undefined && entry.at !== at)
        say(`is of ${moment(at)}, entry #${seq} of ${moment(entry.at)}`);
    }
    if (notice !== undefined && !sources.hasNotice(notice))
      say(`rests on notice ${notice}, which is not in the books`);
    if (sample !== undefined && !(await sources.hasSample(sample))) samplesGone.add(sample);
  }
  return { sources: count, samplesGone: [...samplesGone], findings };
}

interface Claim {
  readonly path: string;
  readonly seq?: number;
  readonly notice?: string;
  readonly sample?: Instant;
  /** The time that is claimed for the entry. */
  readonly at?: Instant;
}

/** Keys under which a report names entries without a source of their own. */
const ENTRY_KEYS = ["seq", "fromSeq", "toSeq", "entries"];

function* claimsOf(value: Json, path: string, at?: Instant): Generator<Claim> {
  if (Array.isArray(value)) {
    for (const [index, inner] of value.entries()) yield* claimsOf(inner, `${path}[${index}]`, at);
    return;
  }
  if (!isObject(value)) return;
  const { kind, seq, id, at: own } = value;
  if (kind === "journal" && typeof seq === "number")
    return yield { path, seq, ...(at === undefined ? {} : { at }) };
  if (kind === "notice" && typeof id === "string") return yield { path, notice: id };
  if (kind === "sample" && typeof own === "number") return yield { path, sample: own };
  for (const [key, inner] of Object.entries(value)) {
    if (ENTRY_KEYS.includes(key)) {
      for (const number of [inner].flat())
        if (typeof number === "number") yield { path: `${path}.${key}`, seq: number };
      continue;
    }
    // The time of a sentence is the time of the entry it cites.
    const time = key === "source" && typeof own === "number" ? own : undefined;
    yield* claimsOf(inner, `${path}.${key}`, time);
  }
}
