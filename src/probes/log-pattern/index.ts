import type { ErrorLines } from "../../domain/observation.ts";
import { redact } from "../../domain/redact.ts";
import type { Instant } from "../../domain/time.ts";
import type { LogLine } from "../../railway/poll/shapes.ts";
import { define } from "../definition.ts";
import { short } from "../looking.ts";
import { watching, type Watched } from "../watching.ts";
import { Config } from "./config.ts";
import { classesWith, classOf, isError, OTHER, type ErrorClass } from "./patterns.ts";

/** Reads the lines of error in the target's log at Railway and counts them by what they are about. Never says `up`. */
export const definition = define({
  kind: "log-pattern",
  Config,
  example: { kind: "log-pattern" },
  opens: null,
  asksPlatform: true,
  nameOf: () => "log-pattern",
  create(setting) {
    const classes = classesWith(setting.config.patterns);
    const unread = createUnread();
    return watching({
      setting,
      kind: "log-pattern",
      wishes: ["logs"],
      blind: () => ({}),
      see({ logs }): Watched {
        if (logs === null) return { values: {} };
        if (!logs.lines.ok) return { values: {}, problem: logs.lines.problem };
        const lines = unread(logs.lines.value, logs.from);
        return lines === null
          ? { values: {} }
          : { values: {}, errors: errorsIn(lines, classes, logs.isCut) };
      },
    });
  },
});

const EXAMPLES_PER_CLASS = 3;
const EXAMPLE_LENGTH = 240;

function errorsIn(
  lines: readonly LogLine[],
  classes: readonly ErrorClass[],
  isCut: boolean,
): ErrorLines {
  const names = [...classes.map(({ name }) => name), OTHER];
  const counts = Object.fromEntries(names.map((name) => [name, 0]));
  const examples: { class: string; text: string }[] = [];
  for (const { severity, message, attributes } of lines) {
    if (!isError(severity, message)) continue;
    const name = classOf(`${message} ${attributes}`, classes);
    const count = (counts[name] ?? 0) + 1;
    counts[name] = count;
    if (count <= EXAMPLES_PER_CLASS)
      examples.push({ class: name, text: short(redact(message), EXAMPLE_LENGTH) });
  }
  return { counts, isCut, examples };
}

/**
 * Lines come late, so each look asks for more than is new: this leaves out what was read before. Null at the first look, whose
 * lines are the past.
 */
function createUnread(): (lines: readonly LogLine[], from: Instant) => readonly LogLine[] | null {
  let read: Map<string, Instant> | null = null;
  return (lines, from) => {
    const known = read;
    const fresh = lines.filter((line) => known?.has(keyOf(line)) !== true);
    read = new Map([...(known ?? [])].filter(([, at]) => at >= from));
    for (const line of fresh) read.set(keyOf(line), line.at);
    return known === null ? null : fresh;
  };
}

/** Nanoseconds and the instance tell lines apart; what is still the same is the same line. */
function keyOf({ timestamp, instanceId, message }: LogLine): string {
  return `${timestamp} ${instanceId ?? ""} ${message.slice(0, 120)}`;
}
