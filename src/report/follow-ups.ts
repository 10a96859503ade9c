import { signalWords } from "../domain/sample.ts";
import type { AttemptState } from "../domain/attempt.ts";
import { timeOfDay } from "../domain/time.ts";
import type { ActionRow } from "./actions.ts";
import type { Cited, Source } from "./source.ts";
import type { Story } from "./story.ts";
import type { SwitchWindow } from "./switches.ts";
import type { Told } from "./told.ts";
import { plain } from "./words.ts";

/** Something a person should still do, and what it rests on. */
export interface FollowUp {
  /** Stable, for those who count them. */
  readonly code: string;
  readonly text: string;
  readonly sources: readonly Source[];
}

export interface Known {
  readonly actions: readonly ActionRow[];
  readonly switches: readonly SwitchWindow[];
  readonly told: readonly Told[];
  readonly recovery: Cited | null;
}

/** What is left to do, derived from facts alone. */
export function followUpsOf(story: Story, known: Known): readonly FollowUp[] {
  return [
    ...known.actions.flatMap(aboutAct),
    ...known.switches.flatMap(aboutSwitch),
    ...known.told.flatMap(aboutNotice),
    ...aboutStates(story),
    ...aboutCause(story, known),
  ];
}

const ACT_WORDS: { readonly [state in AttemptState]?: readonly [code: string, text: string] } = {
  unknown: [
    "outcome-unknown",
    "find out whether it happened; Signalman does not know and will not repeat it",
  ],
  ineffective: ["act-ineffective", "find the real cause: it happened and did not help"],
  "not-seen": ["act-not-seen", "find out why the call left no trace on the platform"],
  rejected: ["act-rejected", "find out why it was refused"],
  expired: [
    "act-expired",
    "decide whether it should be allowed sooner: it expired before it began",
  ],
  shadowed: [
    "act-shadowed",
    "decide whether its mode should be raised: it would have been done now",
  ],
};

function aboutAct(action: ActionRow): readonly FollowUp[] {
  const sources: Source[] = action.entries.slice(-1).map((seq) => ({ kind: "journal", seq }));
  const isLook = action.slot === "confirm" || action.slot === "inspect";
  const words = ACT_WORDS[action.state];
  if (words === undefined || (isLook && action.state !== "rejected")) return [];
  // It was only looked at again, and is as it should be.
  if (action.problem?.code === "still-stands") return [];
  const [code, text] = words;
  if (action.slot === "undo" && action.state !== "shadowed") {
    return [
      {
        code: "undo-failed",
        text: `${action.what} (${action.attempt}) ended as ${action.state}: find out why it could not be undone at once.`,
        sources,
      },
    ];
  }
  const why = action.problem === null ? "" : ` (${plain(action.problem.detail)})`;
  return [{ code, text: `${action.what} (${action.attempt}): ${text}${why}.`, sources }];
}

function aboutSwitch(window: SwitchWindow): readonly FollowUp[] {
  if (window.state === "ended") return [];
  const text =
    window.target === undefined
      ? `Check that ${plain(window.switch)} mode is off: the journal shows it as ${window.state}; the app ends it by itself at ${timeOfDay(window.until)}.`
      : `Check that what was done to ${plain(window.target)} (${plain(window.switch)}) is taken back: the journal shows it as ${window.state}; it does not end by itself.`;
  return [
    {
      code: "switch-not-ended",
      text,
      sources: [{ kind: "journal", seq: window.toSeq }],
    },
  ];
}

function aboutNotice(told: Told): readonly FollowUp[] {
  if (told.state === "delivered" || told.state === "coalesced") return [];
  return [
    {
      code: told.state === "refused" ? "notice-refused" : "notice-not-delivered",
      text: `Check the way to the people on call: "${plain(told.title)}" is ${told.delivery}.`,
      sources: [{ kind: "notice", id: told.notice }],
    },
  ];
}

function aboutStates({ beats }: Story): readonly FollowUp[] {
  return beats.flatMap(({ entry, notices, incident }): readonly FollowUp[] => {
    const sources: readonly Source[] = [{ kind: "journal", seq: entry.seq }];
    if (incident !== null && incident.row.parked !== null && incident.before?.parked === null) {
      return [
        {
          code: "machine-stopped",
          text: `Report this to those who maintain Signalman: its machine stopped (${plain(incident.row.parked)}).`,
          sources,
        },
      ];
    }
    return notices.flatMap(({ kind }): readonly FollowUp[] => {
      if (kind === "escalated") {
        const reason = incident?.row.snapshot.context["reason"];
        const why = typeof reason === "string" ? ` (${plain(reason)})` : "";
        return [
          {
            code: "person-called",
            text: `Write down what the person did who was called${why}: the journal does not know it.`,
            sources,
          },
        ];
      }
      return kind === "relapsed"
        ? [
            {
              code: "relapsed",
              text: "Find out why it failed again after it had recovered.",
              sources,
            },
          ]
        : [];
    });
  });
}

const UNEXPLAINED: readonly (string | null)[] = [null, "unclear", "cannot-look"];

function aboutCause({ incident, beats }: Story, known: Known): readonly FollowUp[] {
  if (incident.ending === "attached") return [];
  const last: readonly Source[] = beats
    .slice(-1)
    .map(({ entry }) => ({ kind: "journal", seq: entry.seq }));
  if (incident.ending === "false-alarm") {
    return [
      {
        code: "false-alarm",
        text: `Find out why ${plain(signalWords(incident.signal))} failed although ${plain(incident.target)} was up; false alarms wear people out.`,
        sources: [{ kind: "sample", at: incident.onset }],
      },
    ];
  }
  const isInspected = known.actions.some(
    ({ slot, state }) => slot === "inspect" && state === "seen",
  );
  const ups: FollowUp[] = [];
  if (!isInspected || UNEXPLAINED.includes(incident.cause)) {
    ups.push({
      code: "cause-unknown",
      text: "Find the cause: nothing in the journal explains it.",
      sources: last,
    });
  }
  const hasHelped = known.actions.some(({ helped }) => helped?.verdict === "effective");
  if (known.recovery !== null && !hasHelped) {
    ups.push({
      code: "recovery-unexplained",
      text: "Find out what made it well: no act of Signalman is proven to have helped.",
      sources: [known.recovery.source],
    });
  }
  if (known.recovery === null && incident.closedAt === null) {
    ups.push({
      code: "not-recovered",
      text: "It has not recovered: no healthy sample since.",
      sources: last,
    });
  }
  return ups;
}
