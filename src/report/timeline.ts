import { isOutside } from "../domain/hint.ts";
import { signalWords } from "../domain/sample.ts";
import type { Attempt, AttemptState } from "../domain/attempt.ts";
import { eventText, leaseText } from "./lines.ts";
import { recoveryOf } from "./recovery.ts";
import { cite, type Cited } from "./source.ts";
import type { Beat, Story, Turn } from "./story.ts";
import { toldOf } from "./told.ts";
import { plain, problemText, verdictText, wish } from "./words.ts";

/** Every moment that matters, in order, each with its source. */
export function timelineOf(story: Story): readonly Cited[] {
  const { incident } = story;
  const recovery = recoveryOf(story);
  const moments: Cited[] = [
    ...onsetOf(incident),
    ...story.beats.flatMap((beat) => momentsOf(beat).map((text) => cite(beat, text))),
    ...(recovery === null ? [] : [{ ...recovery, text: `recovered: ${recovery.text}` }]),
    ...toldOf(story).map((told): Cited => ({
      at: told.at,
      text: `people were told "${plain(told.title)}": ${told.delivery}`,
      source: { kind: "notice", id: told.notice },
    })),
  ];
  // Stable: what was written down in one moment stays in the order of the books.
  return moments.toSorted((a, b) => a.at - b.at || orderOf(story, a) - orderOf(story, b));
}

/** What only somebody outside said has no sample; the words are a moment by themselves. */
function onsetOf({ onset, signal, target }: Story["incident"]): readonly Cited[] {
  if (isOutside(target)) return [];
  const text = `first failing sample of ${plain(signalWords(signal))}`;
  return [{ at: onset, text, source: { kind: "sample", at: onset } }];
}

function orderOf(story: Story, { source }: Cited): number {
  switch (source.kind) {
    case "sample":
      return 0;
    case "journal":
      return source.seq;
    default:
      return (
        story.beats.find(({ notices }) => notices.some(({ id }) => id === source.id))?.entry.seq ??
        0
      );
  }
}

function momentsOf(beat: Beat): readonly string[] {
  const { event } = beat.entry;
  return [
    ...(["pause", "start", "stop", "orphan", "hint"].includes(event.type)
      ? [eventText(event)]
      : []),
    ...beat.attempts.flatMap(turnTexts),
    ...beat.leases.flatMap((turn) =>
      turn.before?.state === turn.row.state ? [] : (leaseText(turn) ?? []),
    ),
    ...incidentTexts(beat),
  ];
}

/** Steps of the ledger that people ask about; the wishes themselves and the beginnings of looks are left to `why`. */
function turnTexts({ before, row }: Turn<Attempt>): readonly string[] {
  if (row.state === "planned" || before?.state === row.state) return [];
  const isLook = row.slot === "confirm" || row.slot === "inspect";
  if (isLook && row.state === "started") return [];
  // A lease is renewed every few minutes; only a renewal that went wrong is worth a line.
  if (row.slot === "renew" && ROUTINE.includes(row.state)) return [];
  const why = row.problem === null ? "" : ` ${problemText(row.problem)}`;
  return [`${wish(row)} (${row.slot}, ${row.id}): ${row.state}${why}`];
}

const ROUTINE: readonly AttemptState[] = ["started", "accepted", "seen"];

function incidentTexts({ entry, incident }: Beat): readonly string[] {
  if (incident === null) return [];
  const { before, row } = incident;
  const { event } = entry;
  const texts: string[] = [];
  if (before === null) {
    const numbers = event.type === "verdict" ? `: ${verdictText(event.verdict)}` : "";
    texts.push(`${plain(row.kind)} of ${plain(row.target)} opened${numbers}`);
  } else if (before.closedAt !== null && row.closedAt === null) {
    const numbers = event.type === "verdict" ? `: ${verdictText(event.verdict)}` : "";
    texts.push(`it came back, and the incident was opened again${numbers}`);
  } else if (before.state !== row.state) texts.push(`state ${before.state} → ${row.state}`);
  if (row.cause !== null && before !== null && before.cause !== row.cause)
    texts.push(`cause found: ${plain(row.cause)}`);
  const added = row.symptoms.filter((symptom) => !(before?.symptoms ?? []).includes(symptom));
  texts.push(...added.map((symptom) => `explains ${plain(signalWords(symptom))} too`));
  if (row.parked !== null && before?.parked !== row.parked)
    texts.push(`its machine stopped: ${plain(row.parked)}`);
  if (row.ending !== null && before?.ending !== row.ending) texts.push(`ended: ${row.ending}`);
  return texts;
}
