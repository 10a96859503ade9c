import type { Problem } from "./problem.ts";
import type { Details, Sample, SignalName } from "./sample.ts";
import type { Instant, Millis } from "./time.ts";

/** Values of one moment by signal name. `null` is "looked and got nothing"; an absent name was not looked at. Neither is zero. */
export type Values = { readonly [name in NumericSignal]?: number | null };

export type NumericSignal = Exclude<SignalName, "latency_bucket" | "deployment">;

/** Requests that took at most `le` ms, counted since the process began. */
export interface Bucket {
  /** `Infinity` for the last one. */
  readonly le: number;
  readonly count: number;
}

/** What one look learnt of one target in one moment. */
export interface Observation {
  readonly target: string;
  /** The probe's name within its target. */
  readonly probe: string;
  /** The moment it was known. */
  readonly ts: Instant;
  readonly tookMs: Millis;
  readonly values: Values;
  /** Ascending and cumulative. */
  readonly buckets?: readonly Bucket[];
  /** Id of the deployment that is live, or became live, in this moment. */
  readonly deployment?: string;
  /** Why something is `0` or `null`. */
  readonly problem?: Problem;
  /** When the process behind the target started, by its own word: the strongest evidence of a restart. */
  readonly processStart?: Instant;
  /** What else the look learnt: evidence, no signals. */
  readonly details?: Details;
  /** Lines of error in the target's log since the last look. Not recorded: evidence of the moment, of which no signal is made. */
  readonly errors?: ErrorLines;
}

/** What the log told. Texts are written by strangers: one line each, bounded, without what looks like a secret; escape them. */
export interface ErrorLines {
  /** Lines by class: `timeout`, `database`, `external-api`, `other`, and classes of the configuration. */
  readonly counts: { readonly [name: string]: number };
  /** There were more lines than a look reads. */
  readonly isCut: boolean;
  readonly examples: readonly { readonly class: string; readonly text: string }[];
}

/** The observation as the samples that are recorded of it. */
export function samplesOf(observation: Observation): readonly Sample[] {
  const { target, probe, ts, problem, processStart } = observation;
  const start = processStart === undefined ? {} : { processStart };
  const samples: Sample[] = [];
  for (const [name, value] of Object.entries(observation.values)) {
    // It explains what is down or could not be seen; beside the rest it would only take room.
    const isExplained = problem !== undefined && (value === null || name === "up");
    const why = isExplained ? { problem } : {};
    samples.push({ target, probe, name: name as NumericSignal, ts, value, ...why, ...start });
  }
  for (const { le, count } of observation.buckets ?? []) {
    const bound = le === Infinity ? "+Inf" : le;
    samples.push({ target, probe, name: "latency_bucket", ts, value: count, le: bound });
  }
  if (observation.deployment !== undefined)
    samples.push({ target, probe, name: "deployment", ts, value: observation.deployment });
  const [first, ...others] = samples;
  if (first === undefined || observation.details === undefined) return samples;
  return [{ ...first, details: observation.details }, ...others];
}

type Draft = {
  -readonly [key in keyof Observation]: Observation[key];
} & { readonly values: { [name in NumericSignal]?: number | null }; buckets?: Bucket[] };

/** The observations that these samples of one moment tell of, one for each target and probe, in the order of their first sample. */
export function observationsOf(samples: readonly Sample[]): readonly Observation[] {
  const drafts: Draft[] = [];
  let draft: Draft | undefined;
  for (const sample of samples) {
    const { target, probe } = sample;
    // Those of one probe come one after the other, so the last one is nearly always the right one.
    if (draft?.target !== target || draft.probe !== probe)
      draft = drafts.find((one) => one.target === target && one.probe === probe);
    if (draft === undefined) {
      draft = { target, probe, ts: sample.ts, tookMs: 0, values: {} };
      drafts.push(draft);
    }
    add(draft, sample);
  }
  for (const { buckets } of drafts) buckets?.sort((a, b) => a.le - b.le);
  return drafts;
}

function add(draft: Draft, sample: Sample): void {
  const { name, value, le, problem, processStart, details } = sample;
  if (name === "deployment") {
    if (value !== null) draft.deployment = String(value);
  } else if (name !== "latency_bucket") {
    draft.values[name] = typeof value === "number" ? value : null;
  } else if (typeof value === "number") {
    const bucket = { le: le === "+Inf" ? Infinity : (le ?? Infinity), count: value };
    if (draft.buckets === undefined) draft.buckets = [bucket];
    else draft.buckets.push(bucket);
  }
  if (problem !== undefined) draft.problem ??= problem;
  if (processStart !== undefined) draft.processStart ??= processStart;
  if (details !== undefined) draft.details ??= details;
}
