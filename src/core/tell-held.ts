import type { Lease } from "../domain/lease.ts";
import { type Instant, timeOfDay } from "../domain/time.ts";
import type { Draft } from "./draft.ts";
import { tellAll } from "./tell.ts";

/** A person is needed for what was left behind and does not go: nothing else will end it. */
export function tellHeld(draft: Draft, lease: Lease): void {
  const tries = Object.values(draft.world().attempts).filter(
    ({ params }) => params["leaseId"] === lease.id,
  );
  const why = tries.flatMap(({ problem }) => problem?.detail ?? []).at(-1);
  const isOrphan = draft.world().incidents[lease.incident] === undefined;
  tellAll(draft, "undo-failed", `Needs a person: ${what(lease)}`, [
    isOrphan
      ? "No open incident needs it."
      : `It was done for the incident ${lease.incident}, which does not need it any more.`,
    ...(why === undefined ? [] : [`The last try: ${why}.`]),
    ending(lease, draft.event.at),
    ...(isOrphan ? [] : [`Details: signalman why ${lease.incident}`]),
  ]);
}

function what({ held, switch: name, scope }: Lease): string {
  if (held === undefined) return `the switch ${name} of ${scope.join(", ")} does not go off`;
  return held.action === "freeze-autodeploy"
    ? `deploys on push of ${held.target} stay off`
    : `what was done to ${held.target} (${held.action}) does not go back`;
}

function ending({ held, until }: Lease, at: Instant): string {
  if (held !== undefined) return "It does not end by itself. I keep trying, at least once an hour.";
  return at < until
    ? `The app ends it by itself at ${timeOfDay(until)}. I keep trying until then.`
    : `The app should have ended it by itself at ${timeOfDay(until)}, and still shows it on. I keep trying.`;
}
