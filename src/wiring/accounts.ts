import type { AppParts } from "./parts.ts";
import type { Notice } from "../domain/notice.ts";
import type { Observation } from "../domain/observation.ts";
import { type Pause, pauseWords } from "../domain/pause.ts";
import type { Problem } from "../domain/problem.ts";
import { signalKey } from "../domain/sample.ts";
import type { Entry } from "../domain/world.ts";
import type { Board } from "../engine/board.ts";
import type { Dispatcher } from "../engine/dispatcher.ts";
import type { Notifier } from "../ports/notifier.ts";
import type { OpenProbe } from "./connections.ts";

/** Numbers and log lines for each entry of the journal. */
export function account(parts: AppParts, dispatcher: Dispatcher, entry: Entry): void {
  const { metrics, log } = parts;
  metrics.decisions.inc({ event: entry.event.type });
  for (const change of entry.decision.changes) {
    if (change.table === "attempts")
      metrics.attempts.inc({ action: change.row.action, state: change.row.state });
  }
  const world = dispatcher.world();
  metrics.openIncidents.set(
    Object.values(world.incidents).filter((incident) => incident.closedAt === null).length,
  );
  metrics.paused.set(world.marks.pause === undefined || world.marks.pause === null ? 0 : 1);
  for (const reason of entry.decision.reasons) {
    if (reason.code === "ignored") continue;
    log.info(
      {
        incident: entry.decision.incident,
        seq: entry.seq,
        code: reason.code,
        attempt: reason.attempt,
        reason: reason.text,
      },
      "decided",
    );
  }
}

/** Counts looks by what came of them. */
export function observer({ metrics }: AppParts): (observation: Observation) => void {
  return ({ target, probe, values: { up }, errors }) => {
    for (const [name, count] of Object.entries(errors?.counts ?? {}))
      metrics.logErrors.inc({ target, class: name }, count);
    if (up === undefined) return;
    const result = up === null ? "unknown" : up === 1 ? "up" : "down";
    metrics.samples.inc({ target, probe, result });
  };
}

/** A disk that comes and goes must not fill the channel. */
const CRY_EVERY_MS = 5 * 60_000;

/** The journal cannot be written, or can be again: the one thing that is told past the journal. */
export function storeTroubleTeller(
  parts: AppParts,
  notifier: Notifier,
  pause: () => Pause | null,
): (problem: Problem | null) => void {
  const { clock, config, log, metrics } = parts;
  let toldAt = -CRY_EVERY_MS;
  return (problem) => {
    metrics.storeWritable.set(problem === null ? 1 : 0);
    if (problem === null) {
      log.info("the journal can be written again");
      return;
    }
    const { code, detail } = problem;
    log.error({ code, detail }, "the journal cannot be written: nothing is done until it can");
    const at = clock.now();
    if (at - toldAt < CRY_EVERY_MS) return;
    toldAt = at;
    const notice: Notice = {
      id: `direct!${at}` as Notice["id"],
      incident: null,
      kind: "store-failed",
      at,
      title: "I cannot write my journal and do nothing until I can",
      lines: [
        detail,
        `Data folder: ${config.dataFolder}. Is the disk full or read-only?`,
        ...pausedLines(pause()),
      ],
    };
    void notifier
      .send(notice, { repeat: false, skipped: 0, signal: AbortSignal.timeout(10_000) })
      .then((sending) => {
        if (sending.kind === "delivered") return;
        toldAt = -CRY_EVERY_MS;
        log.error(
          { code: sending.problem.code },
          "nobody could be told that the journal cannot be written",
        );
      });
  };
}

function pausedLines(pause: Pause | null): readonly string[] {
  return pause === null ? [] : [`(Paused: ${pauseWords(pause)}.)`];
}

export function unready(
  dispatcher: Dispatcher,
  board: Board,
  probes: readonly OpenProbe[],
): readonly string[] {
  const trouble = dispatcher.trouble();
  const seen = board.facts().signals;
  const unseen = probes
    .filter(({ saysUp }) => saysUp)
    .map(({ probe }) => signalKey({ target: probe.target, probe: probe.name, name: "up" }))
    .filter((key) => seen[key] === undefined);
  return [
    ...(trouble === null ? [] : [`store: ${trouble.detail}`]),
    ...unseen.map((key) => `not yet looked at: ${key}`),
  ];
}
