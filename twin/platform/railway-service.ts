import { randomUUID } from "node:crypto";
import type { Gate } from "../processes/gate.ts";
import type { Program } from "../processes/program.ts";
import type { RunningWard } from "../processes/ward.ts";
import { createDeployment, isDown, isInFlight, type Deployment } from "./deployment.ts";
import { createExecutions, type Executions } from "./executions.ts";
import type { Recipe, Release, Settings, Variables } from "./release.ts";
import type { Terms } from "./terms.ts";
import { createTimeline, type Timeline } from "./timeline.ts";
import { rollOut } from "./rollout.ts";

/** What a service of the twin runs, and the port in front of it. A service without it only exists on paper. */
export type Workload = {
  gate: Gate;
  /** A program for one replica; the same one each time where there can be only one (`isSingle`). */
  programFor: (recipe: Recipe) => Program;
  /** Only one process at a time can hold what it holds, so each deployment is a gap. */
  isSingle: boolean;
  hasVolume: boolean;
};

/** How a service is configured now; deployments keep a copy. */
export type Current = {
  /** The newest that was pushed, deployed or not. */
  release: Release;
  readonly settings: Settings;
  variables: Variables;
  autodeploy: boolean;
};

/** One Railway service: its deployments really run as processes, and each change is recorded when it happens. */
export type RailwayService = {
  readonly name: string;
  readonly id: string;
  readonly instanceId: string;
  readonly createdAt: number;
  readonly isSingle: boolean;
  readonly hasVolume: boolean;
  readonly runsCode: boolean;
  readonly current: Current;
  /** The settings as the environment's configuration shows them. */
  readonly settings: Timeline<Settings>;
  /** Newest first; the last fifty. */
  readonly deployments: Timeline<readonly Deployment[]>;
  readonly executions: Executions;
  /** What serves, or last served. */
  readonly live: Deployment;
  /** The live deployment's. */
  readonly deploymentId: string;
  readonly ward: RunningWard | undefined;
  readonly startedAt: number | undefined;
  /** Restarts on request that really happened. */
  readonly restarts: number;
  /** Has a step taken at every start, when the new process answers and before clients reach it. */
  beforeOpen(step: () => Promise<void>): void;
  /** The first start. Throws when the processes do not come up. */
  start(): Promise<void>;
  configure(settings: Settings): void;
  /** Makes a deployment, which goes its way by itself. */
  deploy(recipe: Recipe): Deployment;
  /** Restarts the live deployment; with `fails` it does not come up. Waits for a restart under way. */
  restart(fails: boolean): Promise<void>;
  scale(regions: Settings["multiRegionConfig"]): Promise<void>;
  /** Ends the processes of a deployment, which stays "SUCCESS" all the same. */
  halt(deployment: Deployment): Promise<void>;
  /** Gives up a deployment under way. */
  cancel(deployment: Deployment): Promise<void>;
  /** A new deployment of what serves takes over; resolves when it does, or has failed to. */
  release(): Promise<void>;
  /** From now on the processes die so often and are started again, behind a deployment that looks well. */
  crash(everyMs: number): void;
  calm(): void;
  kill(): void;
  pause(): void;
  resume(): void;
  refuse(): Promise<void>;
  allow(): Promise<void>;
  stop(): Promise<void>;
};

const KEPT = 50;

/** Every replica of every deployment that is remembered, also of two that overlap. */
export function replicasOf(services: readonly RailwayService[]) {
  return services.flatMap((service) =>
    service.deployments.current.flatMap((deployment) =>
      deployment.replicas.map((replica) => ({ service, deployment, replica })),
    ),
  );
}

/** Creates a service; its processes start with `start`. */
export function createService(
  name: string,
  workload: Workload | undefined,
  first: {
    release: Release;
    settings: Settings;
    variables: Variables;
    terms: Terms;
    /** For how long it has been deployed when it starts, by the platform's word. */
    ageMs: number;
  },
): RailwayService {
  const { terms } = first;
  const createdAt = Date.now() - first.ageMs;
  const executions = createExecutions(createdAt);
  let prepare = async () => {};
  let restarts = 0;
  let queue: Promise<unknown> = Promise.resolve();
  let isRefused = false;
  let isStopping = false;
  let crashing: NodeJS.Timeout | undefined;
  let revivedUntil = 0;
  const make = (recipe: Recipe, madeAt = Date.now()) =>
    createDeployment({
      recipe,
      createdAt: madeAt,
      terms,
      executions,
      programFor: (of) => workload?.programFor(of),
      beforeOpen: () => prepare(),
      isRevived: () => crashing !== undefined || Date.now() < revivedUntil,
      changed: () => void route(),
    });
  const { release, settings, variables } = first;
  const runsCode = release.commit !== null;
  const shownSettings = createTimeline(settings, createdAt);
  const current = {
    release,
    variables,
    autodeploy: runsCode,
    get settings() {
      return shownSettings.current;
    },
  };
  let live: Deployment = make(
    { release, settings, variables, reason: "deploy", build: false },
    createdAt,
  );
  const deployments = createTimeline<readonly Deployment[]>([live], createdAt);
  /** What the edge does: to the replicas of the live deployment in turn, and nowhere when there are none. */
  const route = async () => {
    const { status } = live.status.current;
    if (isDown(live.replicas) && status === "SUCCESS") live.report("CRASHED");
    const paths = live.replicas.flatMap((it) => it.socketPath ?? []);
    workload?.gate.serve(paths);
    if (paths.length === 0 || isRefused || isStopping) await workload?.gate.shut();
    else await workload?.gate.open();
  };
  const inTurn = <T>(step: () => Promise<T>): Promise<T> => {
    const done = queue.then(step);
    queue = done.catch(() => {});
    return done;
  };
  const launch = (recipe: Recipe) => {
    const made = make(recipe);
    deployments.record([made, ...deployments.current].slice(0, KEPT), made.createdAt);
    const regions = () => current.settings.multiRegionConfig;
    const promote = async () => {
      live = made;
      live.wasLive = true;
      await route();
    };
    return { made, done: rollOut({ made, terms, service, regions, inTurn, promote }) };
  };
  const service: RailwayService = {
    name,
    id: randomUUID(),
    instanceId: randomUUID(),
    createdAt,
    isSingle: workload?.isSingle ?? false,
    hasVolume: workload?.hasVolume ?? false,
    runsCode,
    current,
    settings: shownSettings,
    deployments,
    executions,
    get live() {
      return live;
    },
    get deploymentId() {
      return live.id;
    },
    get ward() {
      return live.replicas.find((it) => it.ward !== undefined)?.ward;
    },
    get startedAt() {
      return live.replicas[0]?.startedAt;
    },
    get restarts() {
      return restarts;
    },
    beforeOpen(step) {
      prepare = step;
    },
    start: () =>
      inTurn(async () => {
        live.wasLive = true;
        if (!(await live.bringUp(settings.multiRegionConfig))) {
          const cause = live.replicas.find((it) => it.failure !== undefined)?.failure;
          throw new Error(`${name} did not start: ${String(cause)}`, { cause });
        }
        await route();
        live.report("SUCCESS");
        // Whoever finds the twin ready finds it as if it had run for long.
        for (const it of [live.status, live.instances, executions.timeline]) it.settle();
      }),
    configure: (next) => shownSettings.record(next, Date.now()),
    deploy: (recipe) => launch(recipe).made,
    release: () => launch({ ...live.recipe, reason: "migrate", build: false }).done,
    crash(everyMs) {
      clearInterval(crashing);
      crashing = setInterval(() => {
        for (const it of live.replicas) it.kill();
      }, everyMs);
    },
    calm() {
      clearInterval(crashing);
      crashing = undefined;
      // Who was killed just now has not ended yet.
      revivedUntil = Date.now() + 2_000;
    },
    restart: (fails) =>
      inTurn(async () => {
        if (isStopping) return;
        restarts += 1;
        isRefused = false;
        await live.restart(fails);
        await route();
      }),
    scale: (regions) =>
      inTurn(async () => {
        if (isStopping) return;
        await live.scale(regions);
        await route();
      }),
    halt: (deployment) =>
      inTurn(async () => {
        deployment.report("SUCCESS", true);
        await deployment.takeDown("STOPPED");
      }),
    async cancel(deployment) {
      if (!isInFlight(deployment)) return;
      deployment.abort();
      deployment.report("REMOVED");
      await deployment.takeDown("REMOVED");
    },
    kill: () => {
      for (const it of live.replicas) it.kill();
    },
    pause: () => {
      for (const it of live.replicas) it.pause();
    },
    resume: () => {
      for (const it of live.replicas) it.resume();
    },
    async refuse() {
      isRefused = true;
      await route();
    },
    async allow() {
      isRefused = false;
      await route();
    },
    async stop() {
      isStopping = true;
      clearInterval(crashing);
      // A start under way gives up at once; whatever came up before that is ended here.
      for (const it of deployments.current) it.abort();
      await queue;
      await Promise.all(deployments.current.map((it) => it.takeDown("EXITED")));
      await workload?.gate.shut();
    },
  };
  return service;
}
