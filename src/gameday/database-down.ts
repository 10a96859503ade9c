import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Agent, request } from "undici";

import type { Attempt } from "../domain/attempt.ts";
import type { Incident } from "../domain/incident.ts";
import type { Delivery } from "../domain/notice.ts";
import type { Sample } from "../domain/sample.ts";
import type { Entry } from "../domain/world.ts";
import { startTwinProcess, type TwinProcess } from "../cli/twin-process.ts";
import { readStory } from "../report/read.ts";
import { reportOn, type Report } from "../report/report.ts";
import { openRecords } from "../storage/sqlite/index.ts";
import { startDaemonProcess, type DaemonProcess } from "./daemon-process.ts";
import { startTraffic, type Visit } from "./traffic.ts";
import { waitFor } from "./wait.ts";

/** How the database fails. `restart-fails`: it crashes, and Railway's restart brings up nothing. */
export const FAULTS = ["kill", "pause", "refuse", "restart-fails"] as const;
export type Fault = (typeof FAULTS)[number];

/** Everything that was seen of one game day, before anybody judges it. */
export interface Observation {
  readonly fault: Fault;
  readonly injectedAt: number;
  readonly everyMs: number;
  readonly incidents: readonly Incident[];
  readonly attempts: readonly Attempt[];
  readonly deliveries: readonly Delivery[];
  readonly entries: readonly Entry[];
  /** The post-incident report of the first incident. */
  readonly report: Report | null;
  readonly samples: readonly Sample[];
  readonly visits: readonly Visit[];
  readonly restarts: number;
  readonly switchAfter: unknown;
  readonly slack: readonly { readonly text: string }[];
  readonly stop: { readonly code: number | null; readonly tookMs: number };
  readonly log: string;
}

export interface GamedayOptions {
  readonly fault: Fault;
  /** Where the daemon keeps its books; a temporary folder when null. */
  readonly folder: string | null;
  readonly signal: AbortSignal;
  readonly onMoment: (text: string) => void;
}

const INTERVAL_MS = 1_000;
const END_MS = 60_000;

/** Kills, pauses or cuts off the twin's PostgreSQL under traffic and watches what the daemon does about it. */
export async function playDatabaseDown(options: GamedayOptions): Promise<Observation> {
  const { fault, signal, onMoment } = options;
  await using resources = new AsyncDisposableStack();
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "signalman-gameday-")));
  onMoment("starting the twin: an API, a PostgreSQL and a small Railway");
  const twin = await startTwinProcess(signal);
  resources.defer(() => twin.stop());
  const daemon = await startDaemonProcess({
    env: { PATH: process.env["PATH"], ...twin.env, SIGNALMAN_DATA: folder, PORT: "0" },
    configFile: twin.configFile,
    signal,
  });
  resources.defer(() => daemon.kill());
  const agent = new Agent({ connections: 64 });
  resources.defer(() => agent.destroy());
  const traffic = startTraffic(twin.api, agent);
  resources.defer(() => traffic.stop());
  await waitFor("the daemon is ready", 20_000, async () => ((await isReady(daemon)) ? true : null));
  await waitFor("writes are accepted", 10_000, async () =>
    traffic.visits.some((visit) => visit.status === 201) ? true : null,
  );

  onMoment(`the daemon guards; breaking PostgreSQL now (${fault})`);
  const injectedAt = Date.now();
  if (fault === "restart-fails")
    await inject(twin, { fault: "restart-fails", service: "Postgres" });
  await inject(twin, { fault: fault === "restart-fails" ? "kill" : fault, service: "Postgres" });

  const end = await waitFor("the incident is over or with a person", END_MS, async () =>
    settled(folder, signal),
  );
  onMoment(`the incident is ${end.ending ?? end.state}`);
  await waitFor("people were told its last state", 15_000, async () => told(folder, end, signal));
  if (end.closedAt !== null) {
    const since = Date.now();
    await waitFor("writes are accepted again", 5_000, async () =>
      traffic.visits.some((visit) => visit.at >= since && visit.status === 201) ? true : null,
    );
  }
  await traffic.stop();
  const state = (await json(`${twin.platform}/twin/state`)) as {
    counters: { restarts: Record<string, number> };
  };
  const slack = (await json(`${twin.platform}/slack/messages`)) as
    | { messages?: unknown }
    | unknown[];
  const switchAfter = await switchState(twin);
  const stop = await daemon.stop();
  const books = await read(folder, signal);
  return {
    fault,
    injectedAt,
    everyMs: INTERVAL_MS,
    ...books,
    visits: [...traffic.visits],
    restarts: state.counters.restarts["Postgres"] ?? 0,
    switchAfter,
    slack: textsOf(slack),
    stop,
    log: daemon.log(),
  };
}

async function isReady(daemon: DaemonProcess): Promise<boolean> {
  const answer = await request(`${daemon.address}/readyz`, { signal: AbortSignal.timeout(2_000) });
  await answer.body.dump();
  return answer.statusCode === 200;
}

async function inject(twin: TwinProcess, fault: object): Promise<void> {
  const answer = await request(`${twin.platform}/twin/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(fault),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`the twin refused the fault: ${text}`);
}

/** The first incident, once it is closed or escalated. */
async function settled(folder: string, signal: AbortSignal): Promise<Incident | null> {
  const { incidents } = await read(folder, signal);
  const first = incidents.at(-1);
  return first !== undefined && (first.closedAt !== null || first.state === "escalated")
    ? first
    : null;
}

async function told(folder: string, incident: Incident, signal: AbortSignal): Promise<true | null> {
  const { deliveries } = await read(folder, signal);
  const own = deliveries.filter((delivery) => delivery.notice.incident === incident.id);
  return own.length === incident.notices && own.every((delivery) => delivery.state === "delivered")
    ? true
    : null;
}

type Books = Pick<
  Observation,
  "incidents" | "attempts" | "deliveries" | "entries" | "report" | "samples"
>;

async function read(folder: string, signal: AbortSignal): Promise<Books> {
  const opened = await openRecords({ folder });
  if (opened.kind !== "open")
    return { incidents: [], attempts: [], deliveries: [], entries: [], report: null, samples: [] };
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

async function switchState(twin: TwinProcess): Promise<unknown> {
  const { createControl } = await import("../actions/switch/control.ts");
  const agent = new Agent();
  try {
    const control = createControl({
      url: twin.env["SWITCH_URL"] ?? "",
      secret: twin.env["SWITCH_SECRET"] ?? "",
      clock: { now: () => Date.now(), until: () => Promise.resolve() },
      agent,
    });
    const seen = await control.read("read-only", AbortSignal.timeout(3_000));
    return seen.kind === "read" ? seen.state : seen.problem.detail;
  } finally {
    await agent.destroy();
  }
}

async function json(url: string): Promise<unknown> {
  const answer = await request(url, { signal: AbortSignal.timeout(5_000) });
  return answer.body.json();
}

function textsOf(slack: { messages?: unknown } | unknown[]): readonly { readonly text: string }[] {
  const list = Array.isArray(slack) ? slack : Array.isArray(slack.messages) ? slack.messages : [];
  return list.map((message) => {
    const body = (message as { body?: { text?: unknown } }).body ?? (message as { text?: unknown });
    return { text: typeof body.text === "string" ? body.text : JSON.stringify(body) };
  });
}
