import { canonical } from "../domain/json.ts";
import {
  isOver,
  partsOf,
  type Pause,
  pauseWords,
  scopeWords,
  stopsUndo,
  untilWords,
} from "../domain/pause.ts";
import type { Draft } from "./draft.ts";
import { tellAll } from "./tell.ts";
import { wishOf } from "./words.ts";

/** Tells people that Signalman was paused, resumed, or resumed in part. */
export function tellPause(draft: Draft, before: Pause | null, pause: Pause | null): void {
  const held = Object.values(draft.world().attempts).filter((attempt) =>
    ["planned", "held", "awaiting-approval"].includes(attempt.state),
  );
  if (pause === null) {
    tellAll(
      draft,
      "resumed",
      before !== null && isOver(before, draft.event.at)
        ? `The pause by ${before.by} is over: I may act again`
        : "Resumed: I may act again",
      held.map((attempt) => `Goes on: ${wishOf(attempt)}`),
    );
    return;
  }
  const { also = [] } = pause;
  const gone = goneOf(before, pause);
  if (gone !== null) {
    const ended = gone.every((one) => isOver(one, draft.event.at)) ? "is over" : "is resumed";
    tellAll(draft, "paused", `The pause of ${gone.map(scopeWords).join(" and ")} ${ended}`, [
      `Still paused: ${pauseWords(pause)}.`,
      ...held.map((attempt) => `Held before: ${wishOf(attempt)}`),
      "To go on: signalman resume",
    ]);
    return;
  }
  const [last = pause] = partsOf(pause);
  tellAll(draft, "paused", `Paused by ${last.by}: I watch and do nothing (${scopeWords(last)})`, [
    `It lasts ${untilWords(last)}.`,
    ...also.map((one) => `Paused too: ${pauseWords(one)}.`),
    ...(before === null ? [] : [`Before: ${pauseWords(before)}.`]),
    ...held.map((attempt) => `Held: ${wishOf(attempt)}`),
    stopsUndo(pause)
      ? "Undo is paused too; switches of the app end by themselves at their time."
      : "Switches that must end are still ended.",
    "To go on: signalman resume",
  ]);
}

/** What ended of several, where nothing came instead; null where something did. */
function goneOf(before: Pause | null, pause: Pause): readonly Pause[] | null {
  const stood = partsOf(before).map((one) => canonical(one));
  const stands = partsOf(pause).map((one) => canonical(one));
  if (stands.some((one) => !stood.includes(one))) return null;
  return partsOf(before).filter((one) => !stands.includes(canonical(one)));
}
