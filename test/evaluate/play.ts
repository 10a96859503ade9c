import type { Observation } from "../../src/domain/observation.ts";
import { samplesOf } from "../../src/domain/observation.ts";
import type { Rules } from "../../src/domain/rules.ts";
import type { Instant } from "../../src/domain/time.ts";
import { createPanel } from "../../src/detectors/panel.ts";
import type { Output } from "../../src/replay/output.ts";
import { createReplay } from "../../src/replay/replay.ts";

/** An incident as somebody sees it who reads the output of `replay`. */
export interface Opening {
  readonly id: string;
  readonly kind: string;
  readonly ts: Instant;
  readonly closed: Instant | null;
}

/** Judges a series by the production replay with the shipped defaults. */
export function play(observations: Iterable<Observation>, rules: Rules): readonly Opening[] {
  const replay = createReplay({
    rules,
    onlyTarget: "api",
    judgeFor: (target, probe) => createPanel({ target, probe, opens: "service-down" }),
    verbose: false,
  });
  const openings = new Map<string, Opening>();
  /** Each opening by itself, also of an incident that came back: people are told of each. */
  const last = new Map<string, string>();
  const note = ({ event, ts, id, kind }: Output): void => {
    if (event === "open") {
      const key = `${String(id)}#${openings.size}`;
      openings.set(key, { id: key, kind: String(kind), ts, closed: null });
      last.set(String(id), key);
    }
    const key = last.get(String(id)) ?? "";
    const open = openings.get(key);
    if (event === "close" && open !== undefined) openings.set(key, { ...open, closed: ts });
  };
  for (const observation of observations)
    for (const line of samplesOf(observation)) replay.take(line).forEach(note);
  replay.end().forEach(note);
  return [...openings.values()];
}
