import type { Incident } from "../domain/incident.ts";
import type { Entry } from "../domain/world.ts";
import type { Records } from "../ports/store.ts";
import { createTeller, type Story } from "./story.ts";

/** What was found for an id or the beginning of one. */
export type Found =
  | { readonly kind: "found"; readonly incident: Incident }
  | { readonly kind: "unknown" }
  | { readonly kind: "ambiguous"; readonly ids: readonly string[] };

/** How many of the newest incidents are looked through to name those an ambiguous beginning could mean. */
const NAMED_OF = 10_000;
const PAGE = 500;

/** The incident of this id, or of this beginning when only one begins so. */
export async function findIncident(
  records: Records,
  idOrPrefix: string,
  signal: AbortSignal,
): Promise<Found> {
  const incident = await records.incident(idOrPrefix, signal);
  if (incident !== null) return { kind: "found", incident };
  const ids = (await records.incidents(NAMED_OF, signal))
    .map(({ id }) => id)
    .filter((id) => id.startsWith(idOrPrefix));
  return ids.length > 1 ? { kind: "ambiguous", ids } : { kind: "unknown" };
}

/**
 * Reads the whole story of an incident. Every entry since its opening is looked through, because what takes it over,
 * and what ends a switch it left on, is written under other names. `null` when the journal does not hold its opening.
 */
export async function readStory(
  records: Records,
  incident: Incident,
  signal: AbortSignal,
): Promise<Story | null> {
  const [first] = await records.entries({ incident: incident.id, limit: 1 }, signal);
  if (first === undefined) return null;
  const teller = createTeller(incident.id);
  let page: readonly Entry[];
  let after = first.seq - 1;
  do {
    page = await records.entries({ after, limit: PAGE }, signal);
    for (const entry of page) teller.see(entry);
    after = page.at(-1)?.seq ?? after;
  } while (page.length === PAGE);
  const deliveries = await records.deliveries(incident.id, signal);
  return teller.story(deliveries, await records.head(signal));
}
