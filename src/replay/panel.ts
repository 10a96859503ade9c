import type { Batch, BatchDetector, Judgement } from "../detectors/batch.ts";
import { BATCH_DETECTORS, DETECTORS } from "../detectors/index.ts";
import { problem } from "../domain/problem.ts";
import type { Sample } from "../domain/sample.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { SampleLine } from "./lines.ts";

/** All detectors of one target, each with its own state. */
export interface Panel {
  /** Judges everything that became known of the target in one moment; verdicts in a fixed order. */
  judge(
    lines: readonly SampleLine[],
  ): readonly { readonly kind: string; readonly verdict: Verdict }[];
}

/** `kind`: by which kind of probe `up` of this target is looked at. */
export function createPanel(target: string, kind: string): Panel {
  let up = DETECTORS.consecutive.start;
  const others = BATCH_DETECTORS.map((detector) => ({ detector, state: detector.start }));
  return {
    judge: (lines) => {
      const verdicts: { kind: string; verdict: Verdict }[] = [];
      for (const line of lines) {
        if (line.signal !== "up") continue;
        const judged = DETECTORS.consecutive.judge(
          up,
          sampleOf(target, line),
          DETECTORS.consecutive.defaults,
        );
        up = judged.state;
        verdicts.push({ kind, verdict: judged.verdict });
      }
      const batch = batchOf(lines);
      if (batch === null) return verdicts;
      for (const one of others) {
        if (!concerns(one.detector, batch)) continue;
        const { state, judgement } = one.detector.judge(one.state, batch, one.detector.defaults);
        one.state = state;
        verdicts.push({
          kind: one.detector.name,
          verdict: verdictOf(target, one.detector.name, batch, judgement),
        });
      }
      return verdicts;
    },
  };
}

/** A detector hears of a moment only when something it reads was looked at; the rest is not its silence. */
function concerns(detector: BatchDetector<unknown, unknown>, batch: Batch): boolean {
  return detector.reads.some(
    (signal) =>
      signal in batch.values ||
      (signal === "latency_bucket" && batch.buckets !== undefined) ||
      (signal === "deployment" && batch.deployment !== undefined),
  );
}

function sampleOf(target: string, line: SampleLine): Sample {
  const value = typeof line.value === "number" ? line.value : null;
  return {
    target,
    probe: "up",
    name: "up",
    ts: line.ts,
    value,
    tookMs: 0,
    ...(value === 0 ? { problem: problem("probe-failed", "up is 0") } : {}),
  };
}

function batchOf(lines: readonly SampleLine[]): Batch | null {
  const [first] = lines;
  if (first === undefined) return null;
  const values: Record<string, number | null> = {};
  const buckets: { le: number; count: number }[] = [];
  let deployment: string | null = null;
  for (const { signal, value, le } of lines) {
    if (signal === "deployment") deployment = value === null ? null : String(value);
    else if (signal === "latency_bucket") {
      if (typeof value === "number") buckets.push({ le: le ?? Infinity, count: value });
    } else values[signal] = typeof value === "number" ? value : null;
  }
  return {
    ts: first.ts,
    values,
    ...(buckets.length === 0 ? {} : { buckets: buckets.toSorted((a, b) => a.le - b.le) }),
    ...(deployment === null ? {} : { deployment }),
  };
}

function verdictOf(target: string, name: string, batch: Batch, judgement: Judgement): Verdict {
  return {
    signal: { target, probe: name, name },
    at: batch.ts,
    state: judgement.state,
    before: "inconclusive",
    onset: judgement.onset,
    failing: judgement.failing,
    evidence: {
      detector: name,
      failures: 0,
      successes: 0,
      unknowns: 0,
      openAfter: 0,
      closeAfter: 0,
      numbers: judgement.evidence,
    },
  };
}
