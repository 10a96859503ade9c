import { z } from "zod";

import { COUNTED } from "../../domain/hint.ts";
import type { Hook } from "../hook.ts";
import { hint, present, refused, severityOf, Text } from "../reading.ts";

const COUNT_MAX = 1_000_000;

const Body = z.object({
  id: Text,
  title: Text,
  name: Text,
  message: Text,
  text: Text,
  state: Text,
  status: Text,
  severity: Text,
  level: Text,
  target: Text,
  service: Text,
  at: Text,
  timestamp: Text,
  signal: Text,
  count: z.unknown().optional(),
});

const Count = z.int().min(0).max(COUNT_MAX);

/** Any JSON object: `docs/reference/hooks.md` lists the keys that mean something. */
export const hook: Hook<"generic"> = {
  source: "generic",
  read(body) {
    const read = Body.safeParse(body);
    if (!read.success) return refused("expected a JSON object");
    const said = read.data;
    const severity = severityOf(said.severity ?? said.level);
    const names = present([said.target, said.service]);
    const signal = COUNTED.find((name) => name === said.signal);
    if (signal !== undefined) {
      const count = Count.safeParse(said.count);
      if (!count.success)
        return refused(`expected "count" as a whole number from 0 to ${COUNT_MAX}`);
      const value = count.data;
      const words = `${value} ${signal}`;
      const counted = { about: signal, words, names, count: { signal, value } };
      return { kind: "hints", hints: [hint({ ...counted, id: idOf(signal, said.id) })] };
    }
    const [about = "an event without a title"] = present([said.title, said.name, said.signal]);
    const [words = about] = present([said.message, said.text]);
    const state = stateOf(said.state ?? said.status, severity);
    // Counts may come many to a second: a moment is no id for them.
    const id = idOf(about, said.id ?? said.at ?? said.timestamp);
    return {
      kind: "hints",
      hints: [hint({ about, words, state, severity, names, id })],
    };
  },
};

function idOf(about: string, id: string | undefined): string | null {
  return id === undefined ? null : `${about}|${id}`;
}

const OVER = ["resolved", "ok", "closed", "recovered", "up"];
const ON = ["firing", "open", "triggered", "alerting", "active", "down"];

/** Who says how bad it is and nothing else means that it is so now. */
function stateOf(word: string | undefined, severity: string): "firing" | "resolved" | "note" {
  const state = word?.toLowerCase();
  if (state !== undefined && OVER.includes(state)) return "resolved";
  if (state !== undefined && ON.includes(state)) return "firing";
  const isBad = severity === "critical" || severity === "error";
  return state === undefined && isBad ? "firing" : "note";
}
