import type { Attempt } from "../domain/attempt.ts";
import type { Incident } from "../domain/incident.ts";
import type { Delivery } from "../domain/notice.ts";
import type { Sample } from "../domain/sample.ts";
import type { Entry } from "../domain/world.ts";
import { readStory } from "../report/read.ts";
import { reportOn, type Report } from "../report/report.ts";
import { openRecords } from "../storage/sqlite/index.ts";

/** What the daemon wrote down, read beside it. */
export interface Books {
  /** Newest first. */
  readonly incidents: readonly Incident[];
  readonly attempts: readonly Attempt[];
  readonly deliveries: readonly Delivery[];
  readonly entries: readonly Entry[];
  /** The post-incident report of the first incident. */
  readonly report: Report | null;
  readonly samples: readonly Sample[];
}

const NOTHING: Books = {
  incidents: [],
  attempts: [],
  deliveries: [],
  entries: [],
  report: null,
  samples: [],
};

/** Everything that is in the books of a game day. */
export async function readBooks(folder: string, signal: AbortSignal): Promise<Books> {
  const opened = await openRecords({ folder });
  if (opened.kind !== "open") return NOTHING;
  const { records, samples } = opened;
  try {
    const incidents = await records.incidents(20, signal);
    const attempts = await Promise.all(incidents.map(({ id }) => records.attempts(id, signal)));
    const first = incidents.at(-1);
    const story = first === undefined ? null : await readStory(records, first, signal);
    const deliveries = await Promise.all(incidents.map(({ id }) => records.deliveries(id, signal)));
    return {
      incidents,
      attempts: attempts.flat(),
      deliveries: deliveries.flat(),
      entries: await records.entries({}, signal),
      report: story === null ? null : reportOn(story, Date.now()),
      samples: (await Array.fromAsync(samples.between(0, Date.now(), signal))).flat(),
    };
  } finally {
    await records.close();
  }
}

/** Only the incidents: what is asked again and again while a game day goes on. */
export async function readIncidents(
  folder: string,
  signal: AbortSignal,
): Promise<readonly Incident[]> {
  const opened = await openRecords({ folder });
  if (opened.kind !== "open") return [];
  try {
    return await opened.records.incidents(20, signal);
  } finally {
    await opened.records.close();
  }
}

/** Whether every notice of an incident, as it was read, has reached Slack. */
export async function isTold(
  folder: string,
  { id, notices }: Incident,
  signal: AbortSignal,
): Promise<boolean> {
  const opened = await openRecords({ folder });
  if (opened.kind !== "open") return false;
  try {
    const own = await opened.records.deliveries(id, signal);
    return own.length === notices && own.every(({ state }) => state === "delivered");
  } finally {
    await opened.records.close();
  }
}
