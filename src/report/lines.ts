import { signalWords } from "../domain/sample.ts";
import type { Event } from "../domain/event.ts";
import type { Facts } from "../domain/facts.ts";
import type { Said } from "../domain/hint.ts";
import type { JsonObject } from "../domain/json.ts";
import { isAnswer } from "../domain/order.ts";
import { partsOf, type Pause, scopeWords, untilWords } from "../domain/pause.ts";
import type { Lease } from "../domain/lease.ts";
import { spell, timeOfDay, type Instant } from "../domain/time.ts";
import type { Entry } from "../domain/world.ts";
import type { Beat, Turn } from "./story.ts";
import { plain, verdictText } from "./words.ts";

/** One sentence of explanation with the journal entry it stands in. */
export interface Line {
  readonly seq: number;
  readonly at: Instant;
  /** Id of the event that the entry is about. */
  readonly event: string;
  readonly text: string;
  /** A stable code, where the sentence has one: a problem code or the core's reason code. */
  readonly code?: string;
  /** The numbers and names behind the sentence. */
  readonly details?: JsonObject;
  /** Set when the line stands for several entries alike: the last of them. */
  readonly through?: { readonly seq: number; readonly at: Instant };
}

export function line(entry: Entry, text: string, more: Pick<Line, "code" | "details"> = {}): Line {
  return { seq: entry.seq, at: entry.at, event: entry.event.id, text, ...more };
}

/** What came in. */
export function eventLine(entry: Entry): Line {
  const { event } = entry;
  return line(
    entry,
    eventText(event),
    event.type === "verdict" ? { details: asJson(event.verdict) } : {},
  );
}

export function eventText(event: Event): string {
  switch (event.type) {
    case "verdict":
      return verdictText(event.verdict);
    case "timer":
      return timerText(event.timer);
    case "request":
      return `attempt ${event.attempt} asked whether it may start`;
    case "outcome":
      return `attempt ${event.attempt} ended its try as ${event.state}`;
    case "pause":
      return event.pause === null
        ? "Signalman was resumed"
        : `Signalman was paused ${partsOf(event.pause).map(pausedText).join(", and ")}`;
    case "order":
      return `${plain(event.order.by)} ordered: ${event.order.order}${isAnswer(event.order) ? ` ${event.order.attempt}` : ""}`;
    case "orphan":
      return `the app had ${plain(event.switch)} on and nothing held it`;
    case "hint":
      return event.said
        .map((one) => `${plain(event.source)} said at ${timeOfDay(one.at)}: ${saidText(one)}`)
        .join("; ");
    case "call":
      return `${plain(event.target)} called in${event.failed ? " and said that it failed" : ""}`;
    case "stop":
      return "Signalman ends, and ends its switches first";
    case "start":
      return `Signalman started (version ${plain(event.version)})`;
  }
}

/** `HighErrorRate (critical, firing): 12 % of requests fail`. */
function saidText({ about, severity, state, words }: Said): string {
  const more = words === about ? "" : `: ${plain(words)}`;
  return `${plain(about)} (${severity}${state === "note" ? "" : `, ${state}`})${more}`;
}

/** XState names a delay `xstate.after.soak.database-down.soaking`; people need the last words of it. */
function timerText(timer: string): string {
  const name = timer.slice(timer.lastIndexOf("#") + 1);
  const [, delay, state] = /^xstate\.after\.([^.]+)\.[^.]+\.(.+)$/.exec(name) ?? [];
  return delay === undefined || state === undefined
    ? `the time "${plain(name)}" was over`
    : `the time "${plain(delay)}" of state ${plain(state)} was over`;
}

/** What followed for the incident itself: reasons, states, leases, notices. */
export function consequenceLines(beat: Beat): readonly Line[] {
  return [
    ...reasonLines(beat),
    ...stateLines(beat),
    ...beat.leases.flatMap((turn) => {
      const text = leaseText(turn);
      return text === null ? [] : [line(beat.entry, text, { details: asJson(turn.row) })];
    }),
    ...beat.notices.map((notice) =>
      line(beat.entry, `people were told: "${plain(notice.title)}" (notice ${notice.id})`, {
        code: notice.kind,
      }),
    ),
  ];
}

/** Reasons that nothing else says already. */
const SAID_ELSEWHERE = ["state", "started", "closed", "effective", "ineffective"];

function reasonLines({ entry, incident, attempts, shared }: Beat): readonly Line[] {
  // In an entry of another incident the reasons are the other's.
  if (shared && incident !== null && entry.decision.incident !== incident.row.id) return [];
  const problems = attempts.map(({ row }) => row.problem?.code);
  return (
    entry.decision.reasons
      .filter(({ code }) => !SAID_ELSEWHERE.includes(code) && !problems.some((one) => one === code))
      // That a machine does not care about the beginning of a look or a switch explains nothing.
      .filter(({ code }) => code !== "ignored" || entry.event.type !== "request")
      .map(({ code, text }) => line(entry, `${code}: ${plain(text)}`, { code }))
  );
}

function stateLines(beat: Beat): readonly Line[] {
  const { entry, incident } = beat;
  if (incident === null) return [];
  const { before, row } = incident;
  const lines: Line[] = [];
  const steps = beat.shared
    ? []
    : entry.decision.reasons.filter(({ code }) => code === "state").map(({ text }) => text);
  if (before === null && steps.length === 0) lines.push(line(entry, `state: ${row.state}`));
  else if (steps.length > 0) lines.push(...steps.map((text) => line(entry, `state: ${text}`)));
  else if (before !== null && before.state !== row.state)
    lines.push(line(entry, `state: ${before.state} → ${row.state}`));
  const isSaid = entry.decision.reasons.some(({ code }) => code.startsWith("inspect-"));
  if (row.cause !== null && before !== null && before.cause !== row.cause && !isSaid)
    lines.push(line(entry, `cause: ${plain(row.cause)}`, { code: row.cause }));
  if (row.parked !== null && before?.parked !== row.parked)
    lines.push(
      line(entry, `its machine stopped: ${plain(row.parked)}`, { code: "machine-failed" }),
    );
  if (row.ending !== null && before?.ending !== row.ending)
    lines.push(line(entry, `the incident ended: ${row.ending}`, { code: row.ending }));
  return lines;
}

/** How a switch stands now, or null when nothing people care about changed. */
export function leaseText({ before, row }: Turn<Lease>): string | null {
  if (before?.state === row.state) {
    return before.until === row.until
      ? null
      : `${plain(row.switch)} mode: renewed until ${timeOfDay(row.until)}`;
  }
  if (row.held !== undefined) return `${plain(row.switch)}: ${HELD_WORDS[row.state]}`;
  const words: Readonly<Record<Lease["state"], string>> = {
    asked: `asked for, ends by itself at ${timeOfDay(row.until)}`,
    active: `on, ends by itself at ${timeOfDay(row.until)} unless renewed`,
    ending: `being switched off, ends by itself at ${timeOfDay(row.until)}`,
    ended: "off",
  };
  return `${plain(row.switch)} mode: ${words[row.state]}`;
}

/** What has no end of its own. */
const HELD_WORDS: Readonly<Record<Lease["state"], string>> = {
  asked: "asked for",
  active: "done, and stays until it is taken back",
  ending: "being taken back",
  ended: "taken back",
};

/** How the signals stood when it was decided, with their age: whether things answer, and whatever was not in order. */
export function signalLines(entry: Entry): readonly Line[] {
  const shown = Object.entries(entry.facts.signals).filter(
    ([key, { state, failing }]) =>
      key.endsWith("|up") || failing || state === "breached" || state === "missing",
  );
  return shown.map(([key, signal]) => {
    const since = signal.onset === null ? "" : `, failing since ${timeOfDay(signal.onset)}`;
    const isOld = signal.at < entry.facts.watchingSince ? ", from before the start" : "";
    return line(
      entry,
      `fact: ${plain(signalWords(key))} ${signal.state}${signal.failing ? " and beginning to fail" : ""}${since}, ${spell(Math.max(0, entry.at - signal.at))} old${isOld}`,
      { details: { signal: key, ageMs: entry.at - signal.at, ...asJson(signal) } },
    );
  });
}

/** What the action found at the platform just before. */
export function platformLines(entry: Entry): readonly Line[] {
  const platform: Facts["platform"] = entry.facts.platform;
  if (platform === undefined) return [];
  const obstacle =
    platform.obstacle === null
      ? "nothing in the way"
      : `in the way: [${platform.obstacle.code}] ${plain(platform.obstacle.detail)}`;
  return [
    line(
      entry,
      `fact: platform ${platform.status} (${plain(platform.statusDetail)}), ${obstacle}`,
      {
        details: asJson(platform),
      },
    ),
  ];
}

/** Rows of the domain are JSON by their making; a journal could not hold them otherwise. */
export function asJson(row: object): JsonObject {
  return row as JsonObject;
}

function pausedText(pause: Pause): string {
  const until = pause.until === undefined ? "" : `, ${untilWords(pause)}`;
  return `by ${plain(pause.by)} (${plain(scopeWords(pause))}${until})`;
}
