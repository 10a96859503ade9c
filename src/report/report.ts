import { ACT_SLOTS } from "../domain/runbook.ts";
import { inspectionOf } from "../core/diagnose.ts";
import type { Head as ChainHead } from "../domain/chain.ts";
import type { Instant, Millis } from "../domain/time.ts";
import { actionsOf, withheldOf, type ActionRow, type Withheld } from "./actions.ts";
import { evidenceTexts } from "./act-lines.ts";
import { followUpsOf, type FollowUp } from "./follow-ups.ts";
import { headOf, standing, type Head } from "./head.ts";
import { recoveryOf } from "./recovery.ts";
import { severityOf, type Severity } from "./severity.ts";
import { cite, type Cited } from "./source.ts";
import type { Story } from "./story.ts";
import { summaryOf } from "./summary.ts";
import { switchWindows, type SwitchWindow } from "./switches.ts";
import { timelineOf } from "./timeline.ts";
import { toldOf, type Told } from "./told.ts";
import { plain, verdictText } from "./words.ts";

/** What is known of one incident afterwards. The keys are a contract: within version 1 none goes or changes. */
export interface Report {
  readonly version: 1;
  readonly madeAt: Instant;
  readonly incident: Head & { readonly severity: Severity; readonly standing: string };
  readonly summary: string;
  readonly timeline: readonly Cited[];
  readonly impact: Impact;
  readonly detection: Detection;
  readonly cause: { readonly code: string | null; readonly evidence: readonly Cited[] };
  readonly actions: readonly ActionRow[];
  readonly withheld: readonly Withheld[];
  readonly told: readonly Told[];
  readonly recovery: Cited | null;
  readonly durations: Durations;
  readonly followUps: readonly FollowUp[];
  /** The head of the journal this rests on: `verify --head` says whether the journal still holds it. */
  readonly journal: ChainHead | null;
}

export interface Impact {
  /** First failing sample. */
  readonly from: Instant;
  /** First healthy verdict of the lasting recovery; `null` while there is none. */
  readonly to: Instant | null;
  /** Until `madeAt` while there is no end. */
  readonly lastedMs: Millis;
  readonly switches: readonly SwitchWindow[];
  /** Signals of other targets that this incident explains. */
  readonly symptoms: readonly string[];
}

export interface Detection {
  readonly firstFailingSample: Instant;
  readonly openedAt: Instant;
  readonly tookMs: Millis;
  readonly by: Cited | null;
}

/** Each counts from the first failing sample; `null`: it did not come to that. */
export interface Durations {
  readonly detectMs: Millis;
  /** Always `null`: this version knows no acknowledgement. */
  readonly acknowledgeMs: Millis | null;
  /** Until the first switch was read back as on. */
  readonly containMs: Millis | null;
  /** Until the first remedy began. */
  readonly actMs: Millis | null;
  readonly recoverMs: Millis | null;
  /** Until the incident was closed, the watch included. */
  readonly closeMs: Millis | null;
}

/** The post-incident report. Every sentence names the entry, sample or notice it rests on. */
export function reportOn(story: Story, now: Instant): Report {
  const { incident } = story;
  const recovery = recoveryOf(story);
  const switches = switchWindows(story);
  const actions = actionsOf(story);
  const told = toldOf(story);
  // Without a healthy verdict a closed incident was over at its close at the latest; an open one is not over.
  const to = recovery?.at ?? incident.closedAt;
  const sinceOnset = (at: Instant | null | undefined): Millis | null =>
    at === null || at === undefined ? null : at - incident.onset;
  return {
    version: 1,
    madeAt: now,
    incident: { ...headOf(story), severity: severityOf(incident), standing: standing(incident) },
    summary: summaryOf(story, recovery, now),
    timeline: timelineOf(story),
    impact: {
      from: incident.onset,
      to,
      lastedMs: (to ?? now) - incident.onset,
      switches,
      symptoms: incident.symptoms,
    },
    detection: detectionOf(story),
    cause: { code: incident.cause, evidence: causeEvidence(story) },
    actions,
    withheld: withheldOf(story),
    told,
    recovery,
    durations: {
      detectMs: incident.openedAt - incident.onset,
      acknowledgeMs: null,
      containMs: sinceOnset(switches.find(({ onAt }) => onAt !== null)?.onAt),
      actMs: sinceOnset(
        actions.find(({ slot, startedAt }) => ACT_SLOTS.includes(slot) && startedAt !== null)
          ?.startedAt,
      ),
      recoverMs: sinceOnset(recovery?.at),
      closeMs: sinceOnset(incident.closedAt),
    },
    followUps: followUpsOf(story, { actions, switches, told, recovery }),
    journal: story.head,
  };
}

function detectionOf(story: Story): Detection {
  const { incident, beats } = story;
  const opening = beats.find((beat) => beat.incident?.before === null);
  const event = opening?.entry.event;
  return {
    firstFailingSample: incident.onset,
    openedAt: incident.openedAt,
    tookMs: incident.openedAt - incident.onset,
    by:
      opening !== undefined && event?.type === "verdict"
        ? cite(opening, verdictText(event.verdict))
        : null,
  };
}

/** What the second looks and the platform said, and what was concluded. */
function causeEvidence(story: Story): readonly Cited[] {
  return story.beats.flatMap((beat) => [
    ...beat.attempts
      .filter(
        ({ row }) =>
          row.slot === "confirm" || (row.slot === "inspect" && inspectionOf(row.evidence) !== null),
      )
      .filter(({ before, row }) => before !== null && row.state === "seen")
      .flatMap(({ row }) => evidenceTexts(row.evidence).map((text) => cite(beat, text))),
    ...(beat.entry.decision.incident === story.incident.id ? beat.entry.decision.reasons : [])
      .filter(({ code }) => code.startsWith("confirm-") || code.startsWith("inspect-"))
      .map(({ code, text }) => cite(beat, `${code}: ${plain(text)}`)),
  ]);
}
