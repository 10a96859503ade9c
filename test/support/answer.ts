import type { Attempt } from "../../src/domain/attempt.ts";
import { eventId } from "../../src/domain/ids.ts";
import type { AnswerKind } from "../../src/domain/order.ts";
import type { Theatre } from "./theatre.ts";

/** A person's word about the newest attempt of a slot; the codes of what the core made of it. */
export function answer(
  stage: Theatre,
  slot: Attempt["slot"],
  order: AnswerKind,
  at = stage.now,
  by = "ann (HTTP)",
): readonly string[] {
  const { id, incident } = stage.attempt(slot);
  const entry = stage.dispatch({
    id: eventId("order", `${order}-${stage.now}`),
    at: stage.now,
    cause: null,
    type: "order",
    order: { id: `${order}-${stage.now}`, order, incident: incident as never, attempt: id, by, at },
  });
  stage.pass(10);
  return entry?.decision.reasons.map(({ code }) => code) ?? [];
}
