import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Agent, request } from "undici";

import { createControl } from "../actions/switch/control.ts";
import { startTwinProcess, type TwinProcess } from "../cli/twin-process.ts";
import type { Incident } from "../domain/incident.ts";
import { isTold, readBooks, readIncidents, type Books } from "./books.ts";
import { startDaemonProcess, type DaemonProcess } from "./daemon-process.ts";
import { recordHistory, type History } from "./history.ts";
import { startTraffic, type Visit } from "./traffic.ts";
import { waitFor } from "./wait.ts";

/** What is asked of every scenario. */
export interface GamedayOptions {
  /** Where the daemon keeps its books; a temporary folder when null. */
  readonly folder: string | null;
  readonly signal: AbortSignal;
  readonly onMoment: (text: string) => void;
}

/** A twin under traffic and a daemon that guards it. */
export interface Ground extends AsyncDisposable {
  readonly folder: string;
  readonly twin: TwinProcess;
  readonly visits: readonly Visit[];
  /** So many users come a second from now on. */
  pace(perSecond: number): void;
  inject(fault: object): Promise<void>;
  push(release: object): Promise<{ readonly commit: string; readonly deploymentId: string | null }>;
  state(): Promise<State>;
  incidents(): Promise<readonly Incident[]>;
  /** Everything that the daemon wrote down so far. */
  books(): Promise<Books>;
  /** Waits until people were told everything about an incident as it is. */
  untilTold(incident: Incident): Promise<void>;
  /** Waits until users can save again. */
  untilServed(): Promise<void>;
  /** Ends traffic and daemon, and gives away everything that was seen. */
  close(): Promise<Ending>;
}

/** The parts of the twin's state that expectations read. */
export interface State {
  readonly services: readonly {
    readonly name: string;
    readonly autodeploy: boolean;
    readonly deploymentId: string;
    readonly replicas: readonly unknown[];
    readonly deployments: readonly {
      readonly id: string;
      readonly commit: string | null;
      readonly status: string;
      readonly reason: string;
    }[];
  }[];
  readonly counters: {
    readonly restarts: { readonly [service: string]: number };
    readonly mutations: readonly { readonly operation: string }[];
  };
}

/** The API as the platform has it. */
export function apiOf({ services }: State) {
  const service = services.find(({ name }) => name === "tradesense-backend");
  const live = service?.deployments.find(({ id }) => id === service.deploymentId);
  const rollbacks = service?.deployments.filter(({ reason }) => reason === "rollback") ?? [];
  return {
    autodeploy: service?.autodeploy ?? false,
    live,
    replicas: service?.replicas ?? [],
    rollbacks,
    deployments: service?.deployments ?? [],
  };
}

/** What is left when a game day is over. */
export interface Ending extends Books {
  readonly visits: readonly Visit[];
  readonly state: State;
  /** The state of read-only mode, by the app's own word. */
  readonly switchAfter: unknown;
  readonly slack: readonly { readonly text: string }[];
  readonly stop: { readonly code: number | null; readonly tookMs: number };
  readonly log: string;
}

export interface GroundOptions extends GamedayOptions {
  /** Requests a second of the users. */
  readonly perSecond: number;
  /** What the daemon finds in its books when it starts. */
  readonly history?: History;
  /** Each user comes over a connection of its own: connections, not requests, go to the replicas in turn. */
  readonly areStrangers?: boolean;
  /** How the twin is started, as its own options. */
  readonly twin?: readonly string[];
  /** What has to be true of the twin before the daemon starts. */
  readonly before?: (twin: TwinProcess) => Promise<void>;
}

/** Starts everything and waits until the daemon has looked and users are served. */
export async function openGround(options: GroundOptions): Promise<Ground> {
  const { signal, onMoment } = options;
  await using resources = new AsyncDisposableStack();
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "signalman-gameday-")));
  onMoment("starting the twin: an API, a PostgreSQL and a small Railway");
  const twin = await startTwinProcess(signal, options.twin);
  resources.defer(() => twin.stop());
  await options.before?.(twin);
  if (options.history !== undefined) {
    const { live } = apiOf(await stateOf(twin));
    await recordHistory(folder, options.history, `${live?.id ?? ""}@${live?.commit ?? ""}`);
  }
  const daemon = await startDaemonProcess({
    env: { PATH: process.env["PATH"], ...twin.env, SIGNALMAN_DATA: folder, PORT: "0" },
    configFile: twin.configFile,
    signal,
  });
  resources.defer(() => daemon.kill());
  const { areStrangers = false } = options;
  const agent = new Agent({ connections: 64, ...(areStrangers ? { pipelining: 0 } : {}) });
  resources.defer(() => agent.destroy());
  const traffic = startTraffic(twin.api, agent, options.perSecond);
  resources.defer(() => traffic.stop());
  await waitFor("the daemon is ready", 20_000, async () => ((await isReady(daemon)) ? true : null));
  const untilServed = async (): Promise<void> => {
    const since = Date.now();
    await waitFor("writes are accepted", 10_000, async () =>
      traffic.visits.some(({ at, status }) => at >= since && status === 201) ? true : null,
    );
  };
  await untilServed();
  const kept = resources.move();
  return {
    folder,
    twin,
    visits: traffic.visits,
    pace: (perSecond) => traffic.pace(perSecond),
    inject: (fault) => post(twin, "faults", fault).then(() => {}),
    push: async (release) =>
      (await post(twin, "push", release)) as Awaited<ReturnType<Ground["push"]>>,
    state: () => stateOf(twin),
    incidents: () => readIncidents(folder, signal),
    books: () => readBooks(folder, signal),
    untilTold: async (incident) => {
      await waitFor("people were told its last state", 15_000, async () =>
        (await isTold(folder, incident, signal)) ? true : null,
      );
    },
    untilServed,
    close: async () => {
      await traffic.stop();
      const state = await stateOf(twin);
      const slack = textsOf(await json(`${twin.platform}/slack/messages`));
      const switchAfter = await switchState(twin);
      const stop = await daemon.stop();
      const books = await readBooks(folder, signal);
      const visits = [...traffic.visits];
      return { ...books, visits, state, switchAfter, slack, stop, log: daemon.log() };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function isReady(daemon: DaemonProcess): Promise<boolean> {
  const answer = await request(`${daemon.address}/readyz`, { signal: AbortSignal.timeout(2_000) });
  await answer.body.dump();
  return answer.statusCode === 200;
}

async function post(twin: TwinProcess, what: string, body: object): Promise<unknown> {
  const answer = await request(`${twin.platform}/twin/${what}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`the twin refused ${what}: ${text}`);
  return JSON.parse(text);
}

async function stateOf(twin: TwinProcess): Promise<State> {
  return (await json(`${twin.platform}/twin/state`)) as State;
}

async function switchState(twin: TwinProcess): Promise<unknown> {
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

function textsOf(slack: unknown): Ending["slack"] {
  const { messages } = slack as { messages?: unknown };
  const list = Array.isArray(slack) ? slack : Array.isArray(messages) ? messages : [];
  return list.map((message: { body?: { text?: unknown } }) => {
    const text = message.body?.text;
    return { text: typeof text === "string" ? text : JSON.stringify(message) };
  });
}
