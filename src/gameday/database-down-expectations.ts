import { ACT_SLOTS } from "../domain/runbook.ts";
import { spell } from "../domain/time.ts";
import type { Fault, Observation } from "./database-down.ts";
import { expectation, stopped, type Expectation } from "./expectation.ts";

const CAUSES: { readonly [fault in Fault]: string } = {
  kill: "crashed",
  pause: "not-answering",
  refuse: "refusing-connections",
  "restart-fails": "crashed",
};

/** Detection may take three intervals and this much more. */
const DETECTION_SLACK_MS = 2_000;

/** What a game day with a dead database must show. The same list for every fault: a healing is expected of each. */
export function judge(seen: Observation): readonly Expectation[] {
  const incident = seen.incidents.at(-1);
  const remedies = seen.attempts.filter((attempt) => ACT_SLOTS.includes(attempt.slot));
  const refused = seen.visits.filter((visit) => visit.refusedBy === "read-only");
  const firstRefused = Math.min(...refused.map((visit) => visit.at));
  const firstFailure = seen.samples.find(
    (sample) => sample.target === "postgres" && sample.value === 0 && sample.ts >= seen.injectedAt,
  );
  const openedAfter =
    incident === undefined || firstFailure === undefined
      ? Infinity
      : incident.openedAt - firstFailure.ts;
  const reads = seen.visits.filter((visit) => visit.kind === "read" && visit.at >= seen.injectedAt);
  const served = reads.filter((visit) => visit.status === 200).length;
  const kinds = seen.deliveries.map((delivery) => delivery.notice.kind);
  const restarts = seen.state.counters.restarts["Postgres"] ?? 0;
  const lease = seen.switchAfter as { value?: unknown } | null;
  const messages = new Set(refused.map((visit) => visit.message));
  return [
    expectation(
      "one incident, and no second one",
      seen.incidents.length === 1,
      `${seen.incidents.length} incidents`,
    ),
    expectation(
      "opened within 3 intervals + 2 s of the first failing probe",
      openedAfter <= 3 * seen.everyMs + DETECTION_SLACK_MS,
      Number.isFinite(openedAfter) ? spell(openedAfter) : "never",
    ),
    expectation(
      "the cause is named",
      incident?.cause === CAUSES[seen.fault],
      incident?.cause ?? "none",
    ),
    expectation(
      "writes are refused with the message",
      refused.length > 0 && messages.size === 1 && !messages.has(null),
      `${refused.length} writes refused, first ${Number.isFinite(firstRefused) ? spell(firstRefused - seen.injectedAt) : "never"} after the fault: "${[...messages].join('", "')}"`,
    ),
    expectation(
      "reads go on",
      reads.length > 0 && served === reads.length,
      `${served} of ${reads.length} reads served`,
    ),
    expectation("exactly one restart happened", restarts === 1, `${restarts} by the twin's count`),
    expectation(
      "it is proven to have helped",
      remedies.length === 1 && remedies[0]?.state === "effective",
      remedies.map((attempt) => attempt.state).join(", ") || "nothing was done",
    ),
    expectation(
      "read-only mode is off",
      lease === null || lease.value === false,
      JSON.stringify(lease),
    ),
    expectation(
      "resolved",
      incident?.ending === "resolved",
      incident?.ending ?? incident?.state ?? "no incident",
    ),
    expectation(
      "Slack was told: opened, acted, resolved",
      kinds.join(" ") === "opened acted resolved" && seen.slack.length === 3,
      `${kinds.join(", ")} (${seen.slack.length} messages arrived)`,
    ),
    reported(seen),
    stopped(seen),
  ];
}

/** What must stand in the report of a healed incident, in this order. */
const MOMENTS = [
  "first failing sample",
  "opened",
  "(confirm, ",
  "read-only mode: on",
  'told "Database down',
  "cause found",
  "(remedy, ",
  'told "Done:',
  "recovered",
  ": effective",
  "read-only mode: off",
  "ended: resolved",
  'told "Resolved',
];

function reported(seen: Observation): Expectation {
  const timeline = seen.report?.timeline ?? [];
  let from = 0;
  const missing = MOMENTS.filter((moment) => {
    const at = timeline.findIndex(({ text }, index) => index >= from && text.includes(moment));
    if (at >= 0) from = at;
    return at < 0;
  });
  const seqs = new Set(seen.entries.map(({ seq }) => seq));
  const notices = new Set(seen.deliveries.map(({ notice }) => notice.id as string));
  const sampled = new Set(seen.samples.map(({ ts }) => ts));
  const unsourced = timeline.filter(({ source }) => {
    if (source.kind === "journal") return !seqs.has(source.seq);
    return source.kind === "notice" ? !notices.has(source.id) : !sampled.has(source.at);
  });
  return expectation(
    "the report has every moment with a source that exists",
    missing.length === 0 && unsourced.length === 0,
    missing.length === 0
      ? `${timeline.length} moments, ${unsourced.length} without a source`
      : `missing, or out of order: ${missing.join(", ")}`,
  );
}
