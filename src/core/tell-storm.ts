import { spell, timeOfDay } from "../domain/time.ts";
import type { Draft } from "./draft.ts";
import { stormOf } from "./storm.ts";
import { tellAll } from "./tell.ts";
import { titleOf } from "./words.ts";

/** Tells people of a storm once, when the incident that makes it one has opened. */
export function tellStorm(draft: Draft): void {
  const storm = stormOf(draft);
  if (storm === null) return;
  const { withinMs } = draft.rules.ceilings.storm;
  const { at } = draft.event;
  const toldAt = draft.world().marks.stormToldAt;
  if (toldAt !== undefined && toldAt > at - withinMs) return;
  draft.putMarks({ stormToldAt: at });
  tellAll(
    draft,
    "storm",
    `Looks like something common: ${storm.incidents.length} targets began to fail within ${spell(withinMs)}`,
    [
      ...storm.incidents.map(({ kind, target, id }) => `${titleOf(kind, target)} (${id})`),
      `None of them needs another, so I do not restart or roll back any until ${timeOfDay(storm.until)} at the earliest; switches of the apps still work.`,
      "Look first at what they share: Railway (status.railway.com), the network, credentials, one release of all.",
    ],
  );
}
