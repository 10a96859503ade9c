import type { Lease } from "../domain/lease.ts";
import type { Draft } from "./draft.ts";
import { tellAll } from "./tell.ts";

/** A person is needed for what was left behind and does not go: nothing else will end it. */
export function tellHeld(draft: Draft, lease: Lease, held: NonNullable<Lease["held"]>): void {
  const isFrozen = held.action === "freeze-autodeploy";
  const tries = Object.values(draft.world().attempts).filter(
    ({ params }) => params["leaseId"] === lease.id,
  );
  const why = tries.flatMap(({ problem }) => problem?.detail ?? []).at(-1);
  tellAll(
    draft,
    "undo-failed",
    isFrozen
      ? `Needs a person: deploys on push of ${held.target} stay off`
      : `Needs a person: what was done to ${held.target} (${held.action}) does not go back`,
    [
      `It was done for the incident ${lease.incident}, which does not need it any more.`,
      ...(why === undefined ? [] : [`The last try: ${why}.`]),
      "It does not end by itself. I keep trying, at least once an hour.",
      `Details: signalman why ${lease.incident}`,
    ],
  );
}
