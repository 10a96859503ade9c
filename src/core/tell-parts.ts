import type { Attempt } from "../domain/attempt.ts";
import type { Incident } from "../domain/incident.ts";
import { textOf } from "../domain/json.ts";
import { ACT_SLOTS } from "../domain/runbook.ts";
import { timeOfDay } from "../domain/time.ts";
import type { Draft } from "./draft.ts";
import { heldWords } from "./words.ts";

// What several messages say of an incident.

export function leaseLines(draft: Draft, incident: Incident): readonly string[] {
  return Object.values(draft.world().leases)
    .filter((lease) => lease.incident === incident.id)
    .map((lease) => {
      if (lease.held !== undefined) return heldWords(draft.rules.actions, lease);
      switch (lease.state) {
        case "asked":
          return `${lease.switch} mode: asked for, not confirmed by the app.`;
        case "active":
          return `${lease.switch} mode: on until ${timeOfDay(lease.until)}, renewed while needed; the app tells its users.`;
        case "ending":
          return `${lease.switch} mode: being switched off; ends by itself at ${timeOfDay(lease.until)}.`;
        case "ended":
          return `${lease.switch} mode: off.`;
      }
    });
}

/** What an act showed of what it did. */
export function evidenceLines(attempt: Attempt | undefined): readonly string[] {
  const shown = attempt?.evidence["shown"];
  return Array.isArray(shown) ? shown.map((line) => `Evidence: ${textOf(line)}`) : [];
}

export function attemptsOf(draft: Draft, incident: Incident): readonly Attempt[] {
  return Object.values(draft.world().attempts).filter(
    (attempt) => attempt.incident === incident.id,
  );
}

/** The last act that was meant to end it. */
export function remedyOf(draft: Draft, incident: Incident): Attempt | undefined {
  return attemptsOf(draft, incident)
    .filter((attempt) => ACT_SLOTS.includes(attempt.slot))
    .at(-1);
}
