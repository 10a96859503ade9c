import type { SignalFact } from "../domain/facts.ts";
import { signalKey, type Sample } from "../domain/sample.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { Verdict } from "../domain/verdict.ts";

/** Turns one sample into a verdict, keeping the series' state to itself. */
export type Detector = (sample: Sample) => Verdict;

/** The latest word on every signal: what decisions read as facts. Lost with the process, on purpose. */
export interface Board {
  readonly since: Instant;
  judge(sample: Sample, probeKind: string): Verdict;
  /** Takes down a verdict that a detector of rates or trends reached; `kind` is its name. */
  note(verdict: Verdict, kind: string): void;
  facts(): { readonly [key: string]: SignalFact };
  /** When the target's process started, by its own latest word, and when it said so. */
  processStart(target: string): { readonly startedAt: Instant; readonly saidAt: Instant } | null;
}

export function createBoard(since: Instant, detectorFor: (key: string) => Detector): Board {
  const detectors = new Map<string, Detector>();
  const signals = new Map<string, SignalFact>();
  const starts = new Map<string, { startedAt: Instant; saidAt: Instant }>();
  const note = (verdict: Verdict, probeKind: string): void => {
    signals.set(signalKey(verdict.signal), {
      target: verdict.signal.target,
      probeKind,
      state: verdict.state,
      failing: verdict.failing,
      at: verdict.at,
      onset: verdict.onset,
      problem: verdict.evidence.problem?.code ?? null,
    });
  };
  return {
    since,
    note,
    judge: (sample, probeKind) => {
      const key = signalKey(sample);
      const detector = detectors.get(key) ?? detectorFor(key);
      detectors.set(key, detector);
      const verdict = detector(sample);
      note(verdict, probeKind);
      if (sample.processStart !== undefined) {
        starts.set(sample.target, { startedAt: sample.processStart, saidAt: sample.ts });
      }
      return verdict;
    },
    facts: () => Object.fromEntries(signals),
    processStart: (target) => starts.get(target) ?? null,
  };
}

/** How often a target is looked at. */
export interface Rhythm {
  readonly everyMs: Millis;
  /** After a first failure, until the verdict is clear again. */
  readonly retryEveryMs: Millis;
}
