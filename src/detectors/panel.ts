import type { Observation } from "../domain/observation.ts";
import { signalKey, SIGNALS, type Signal } from "../domain/sample.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { Verdict, VerdictState } from "../domain/verdict.ts";
import type { BatchDetector, Judgement } from "./batch.ts";
import {
  type ConsecutiveSettings,
  CONSECUTIVE_DEFAULTS,
  CONSECUTIVE_START,
} from "./consecutive/index.ts";
import { judge as judgeUp } from "./consecutive/index.ts";
import { BATCH_DETECTORS } from "./index.ts";
import { look, PACE_START } from "./pace.ts";

/** What one probe of one target says, under all detectors: the daemon and replay judge by this and nothing else. */
export interface Panel {
  /** Judges everything that became known in one moment; verdicts in a fixed order. */
  judge(observation: Observation, isExplained?: IsExplained): readonly Judged[];
  /** Verdicts `missing` of everything that was told before and is told no more. Each of them once. */
  overdue(ts: Instant): readonly Judged[];
  /** Takes in what was seen before the start: a past for rates and trends, and nothing that was said. */
  learn(observation: Observation, isExplained?: IsExplained): void;
}

/** Whether a signal that opens this kind now tells only of something else that fails: then it is neither judged nor remembered. */
type IsExplained = (kind: string) => boolean;

/** `opens`: the kind of incident that the verdict opens when it is breached; `null` when it only warns. `key`: the signal's. */
export interface Judged {
  readonly opens: string | null;
  readonly key: string;
  readonly verdict: Verdict;
}

export interface PanelSettings {
  readonly target: string;
  readonly probe: string;
  /** The kind of incident that a failing `up` of this probe opens. */
  readonly opens: string;
  readonly up?: Partial<ConsecutiveSettings>;
  /** What others count for us: their silence is nothing, and never missing. */
  readonly isHearsay?: boolean;
  /** Beside the shipped defaults, by the detector's name. */
  readonly detectors?: { readonly [name: string]: object };
}

/**
 * An unknown pace is taken for slow: a probe that looked only once is not yet overdue. Of a pace that changes the slowest counts:
 * nearer looks while something fails do not make the usual ones late.
 */
const PATIENCE = 3;
const PATIENCE_MS_MIN: Millis = 30_000;

export function createPanel(settings: PanelSettings): Panel {
  const { target, probe } = settings;
  const upKey = signalKey({ target, probe, name: "up" });
  const upSettings = { ...CONSECUTIVE_DEFAULTS, ...settings.up };
  const chairs = BATCH_DETECTORS.map((detector) => chairOf(detector, settings));
  let up = CONSECUTIVE_START;
  let upSeen: Verdict | null = null;
  let pace = PACE_START;
  let slowest: Millis | null = null;
  let isSilent = false;
  let hasLearnt = false;
  let begun: Instant | null = null;

  const patienceMs = (): Millis => Math.max(PATIENCE_MS_MIN, PATIENCE * (slowest ?? Infinity));
  /** What is only known from before a start has not fallen silent since: first it must be given the time to speak. */
  const patiently = (judgement: Judgement, ts: Instant): Judgement =>
    hasLearnt && judgement.state === "missing" && ts - (begun ?? ts) <= patienceMs()
      ? { ...judgement, state: "inconclusive" }
      : judgement;

  const judgeValues = (observation: Observation, isExplained: IsExplained): Judged[] => {
    const judged: Judged[] = [];
    const { ts, values, problem, processStart, details } = observation;
    const value = values.up;
    if (value !== undefined) {
      const more = {
        ...(problem === undefined ? {} : { problem }),
        ...(processStart === undefined ? {} : { processStart }),
        ...(details === undefined ? {} : { details }),
      };
      const next = judgeUp(up, { target, probe, name: "up", ts, value, ...more }, upSettings);
      up = next.state;
      upSeen = next.verdict;
      judged.push({ opens: settings.opens, key: upKey, verdict: next.verdict });
    }
    const told = toldIn(observation);
    for (const chair of chairs) {
      const isTold = isMeasured(chair, told, observation);
      if (!isTold && !isReleased(chair, observation)) continue;
      if (isTold) chair.isTold = true;
      if (isExplained(chair.detector.opens ?? "")) {
        judged.push(say(chair, ts, EXPLAINED));
        continue;
      }
      const { state, judgement } = chair.detector.judge(chair.state, observation, chair.settings);
      chair.state = state;
      judged.push(say(chair, ts, patiently(judgement, ts)));
    }
    return judged;
  };

  const say = (chair: Chair, at: Instant, judgement: Judgement): Judged => {
    const { signal, key, detector } = chair;
    const { name, opens } = detector;
    const before = chair.last;
    chair.last = judgement.state;
    const verdict: Verdict = {
      signal,
      at,
      state: judgement.state,
      before: before ?? "inconclusive",
      onset: judgement.onset,
      failing: judgement.failing,
      evidence: {
        ...NO_COUNTS,
        detector: name,
        numbers: judgement.evidence,
        ...(judgement.problem === undefined ? {} : { problem: judgement.problem }),
      },
      ...(judgement.needsRequests === undefined ? {} : { needsRequests: judgement.needsRequests }),
      ...(opens === null ? { warns: true } : {}),
    };
    return { opens, key, verdict };
  };

  return {
    learn: (observation, isExplained = NEVER) => {
      hasLearnt = true;
      const told = toldIn(observation);
      for (const chair of chairs) {
        if (isExplained(chair.detector.opens ?? "")) continue;
        if (!isMeasured(chair, told, observation) && !isReleased(chair, observation)) continue;
        chair.state = chair.detector.judge(chair.state, observation, chair.settings).state;
      }
    },
    judge: (observation, isExplained = NEVER) => {
      begun ??= observation.ts;
      pace = look(pace, observation.ts, true);
      if (pace.usual !== null) slowest = Math.max(slowest ?? 0, pace.usual);
      isSilent = false;
      return judgeValues(observation, isExplained);
    },
    overdue: (ts) => {
      if (
        settings.isHearsay === true ||
        isSilent ||
        pace.looked === null ||
        ts - pace.looked <= patienceMs()
      )
        return [];
      isSilent = true;
      const judged: Judged[] = [];
      if (upSeen !== null) {
        const { onset, failing, evidence } = upSeen;
        const verdict: Verdict = {
          signal: { target, probe, name: "up" },
          at: ts,
          state: "missing",
          before: upSeen.state,
          onset,
          failing,
          evidence: { ...evidence, numbers: { reason: SILENT } },
        };
        up = { ...up, last: "missing" };
        upSeen = verdict;
        judged.push({ opens: settings.opens, key: upKey, verdict });
      }
      for (const chair of chairs) {
        if (!chair.isTold) continue;
        judged.push(
          say(chair, ts, {
            state: "missing",
            onset: null,
            failing: false,
            evidence: { reason: SILENT },
          }),
        );
      }
      return judged;
    },
  };
}

/** One detector with its own state. */
interface Chair {
  readonly detector: BatchDetector<unknown, unknown>;
  readonly settings: unknown;
  readonly signal: Signal;
  readonly key: string;
  readonly reads: readonly string[];
  /** The signals among them. */
  readonly bits: number;
  state: unknown;
  /** Something that it measures was looked at, not only told to be released: else its silence means nothing. */
  isTold: boolean;
  last: VerdictState | null;
}

function chairOf(detector: BatchDetector<unknown, unknown>, parts: PanelSettings): Chair {
  const { target, probe, detectors } = parts;
  const { name } = detector;
  const settings = { ...Object(detector.defaults), ...detectors?.[name] };
  const reads = detector.readsWith?.(settings) ?? detector.reads;
  const bits = reads.reduce((sum, read) => sum | bitOf(read), 0);
  const signal = { target, probe, name };
  const key = signalKey(signal);
  return {
    detector,
    settings,
    signal,
    key,
    reads,
    bits,
    state: detector.start,
    isTold: false,
    last: null,
  };
}

/** A detector hears of a moment only when something it reads was looked at; the rest is not its silence. */
function isMeasured({ reads, bits }: Chair, told: number, { details }: Observation): boolean {
  return (bits & told) !== 0 || (details !== undefined && reads.some((name) => name in details));
}

/** Which signals were looked at, one bit for each: every detector asks this of every look. */
function toldIn({ values, buckets }: Observation): number {
  let told = buckets === undefined ? 0 : bitOf("latency_bucket");
  for (const name in values) told |= bitOf(name);
  return told;
}

function bitOf(signal: string): number {
  return BITS.get(signal) ?? 0;
}

const BITS: ReadonlyMap<string, number> = new Map(SIGNALS.map((name, index) => [name, 1 << index]));

function isReleased({ reads }: Chair, { deployment }: Observation): boolean {
  return deployment !== undefined && reads.includes("deployment");
}

const NEVER: IsExplained = () => false;
const EXPLAINED: Judgement = {
  state: "inconclusive",
  onset: null,
  failing: false,
  evidence: { reason: "something that it needs does not answer" },
};
const NO_COUNTS = { failures: 0, successes: 0, unknowns: 0, openAfter: 0, closeAfter: 0 };
const SILENT = "the probe has not looked for three of its usual intervals";
