import type { Millis } from "../../src/domain/time.ts";
import type { VirtualTime } from "./time.ts";

export const REGION = "europe-west4-drams3a";

/** What makes a service fail, and what ends that. */
export interface Ailment {
  /** `dead`: its process is gone; `hung`: it does not answer; `wrong`: it answers that it is not well. */
  readonly how: "dead" | "hung" | "wrong";
  /** `restart`: any new process; `release`: only another commit; `time`: only that; `never`. */
  readonly cure: "restart" | "release" | "time" | "never";
}

export interface Deployment {
  readonly id: string;
  readonly createdAt: Millis;
  readonly commit: string | null;
  status: string;
  statusUpdatedAt: Millis;
  stopped: boolean;
  wasLive: boolean;
  instances: { readonly id: string; status: string }[];
}

export interface Execution {
  readonly id: string;
  readonly deploymentId: string;
  readonly createdAt: Millis;
  completedAt: Millis | null;
  status: string;
}

/** A service as Railway runs it. Times are true ones: they know nothing of the daemon's clock. */
export interface Service {
  readonly name: string;
  readonly id: string;
  readonly hasVolume: boolean;
  /** Newest first. */
  deployments: Deployment[];
  /** Newest first. */
  executions: Execution[];
  live: Deployment;
  ailment: Ailment | null;
  /** When the present process began, and from when on it answers. */
  startedAt: Millis;
  answersFrom: Millis;
  autodeploy: boolean;
  replicas: number;
}

const STARTS_MS: Millis = 3_000;
const ANSWERS_AFTER_MS: Millis = 2_000;
const DEPLOYS_MS: Millis = 20_000;
const APPLIES_MS: Millis = 5_000;
const DAY_MS = 24 * 3_600_000;

export function createService(name: string, id: string, hasVolume: boolean): Service {
  const old = deployment(`${name}-d1`, -9 * DAY_MS, hasVolume ? null : "a".repeat(40), "REMOVED");
  const live = deployment(`${name}-d2`, -3 * DAY_MS, hasVolume ? null : "b".repeat(40), "SUCCESS");
  live.instances = [{ id: `${name}-i1`, status: "RUNNING" }];
  return {
    name,
    id,
    hasVolume,
    deployments: [live, old],
    executions: [
      {
        id: `${name}-e1`,
        deploymentId: live.id,
        createdAt: live.createdAt,
        completedAt: null,
        status: "RUNNING",
      },
    ],
    live,
    ailment: null,
    startedAt: live.createdAt,
    answersFrom: live.createdAt,
    autodeploy: true,
    replicas: 1,
  };
}

function deployment(
  id: string,
  createdAt: Millis,
  commit: string | null,
  status: string,
): Deployment {
  return {
    id,
    createdAt,
    commit,
    status,
    statusUpdatedAt: createdAt + STARTS_MS,
    stopped: false,
    wasLive: true,
    instances: [],
  };
}

/** Whether it answers, and answers well. */
export function isWell(service: Service, elapsed: Millis): boolean {
  return service.ailment === null && elapsed >= service.answersFrom;
}

/** It begins to fail. A process that dies is seen by the platform. */
export function fallIll(service: Service, ailment: Ailment, elapsed: Millis): void {
  service.ailment = ailment;
  if (ailment.how === "dead") crash(service, elapsed);
}

function crash(service: Service, elapsed: Millis): void {
  const { live } = service;
  live.status = "CRASHED";
  live.statusUpdatedAt = elapsed;
  for (const instance of live.instances) instance.status = "CRASHED";
  for (const run of service.executions)
    if (run.completedAt === null) Object.assign(run, { completedAt: elapsed, status: "CRASHED" });
}

/** Well again without anybody's doing. */
export function recover(service: Service, time: VirtualTime): void {
  const { ailment } = service;
  service.ailment = null;
  if (ailment?.how === "dead") void beginProcess(service, time);
}

/** What a restart does: the processes of the live deployment end, and new ones begin. */
export async function restart(service: Service, time: VirtualTime): Promise<void> {
  const { live } = service;
  live.status = "DEPLOYING";
  live.statusUpdatedAt = time.elapsed;
  endRuns(service, live, time.elapsed);
  service.answersFrom = Infinity;
  await time.sleep(STARTS_MS);
  await beginProcess(service, time);
}

/** What a rollback, a redeploy and a push do: a new deployment, which takes over when it is up. */
export async function deploy(
  service: Service,
  commit: string | null,
  time: VirtualTime,
): Promise<void> {
  const made = deployment(
    `${service.name}-d${service.deployments.length + 1}`,
    time.elapsed,
    commit,
    "DEPLOYING",
  );
  made.statusUpdatedAt = time.elapsed;
  made.wasLive = false;
  service.deployments = [made, ...service.deployments];
  const before = service.live;
  await time.sleep(DEPLOYS_MS);
  if (made.status !== "DEPLOYING") return;
  const isOtherCode = before.commit !== commit;
  service.live = made;
  made.wasLive = true;
  endRuns(service, before, time.elapsed);
  before.status = "REMOVED";
  before.statusUpdatedAt = time.elapsed;
  if (isOtherCode && service.ailment?.cure === "release") service.ailment = null;
  await beginProcess(service, time);
}

/** What a patch of the replicas does. */
export async function scale(service: Service, replicas: number, time: VirtualTime): Promise<void> {
  await time.sleep(APPLIES_MS);
  service.replicas = replicas;
  const { live } = service;
  while (live.instances.length > replicas) live.instances.pop();
  while (live.instances.length < replicas) addRun(service, time.elapsed);
}

function endRuns(service: Service, of: Deployment, elapsed: Millis): void {
  of.instances = [];
  for (const run of service.executions)
    if (run.deploymentId === of.id && run.completedAt === null)
      Object.assign(run, { completedAt: elapsed, status: "EXITED" });
}

async function beginProcess(service: Service, time: VirtualTime): Promise<void> {
  const { ailment, live } = service;
  if (ailment?.cure === "restart") service.ailment = null;
  live.status = "SUCCESS";
  live.statusUpdatedAt = time.elapsed;
  live.instances = [];
  for (let count = 0; count < service.replicas; count += 1) addRun(service, time.elapsed);
  service.startedAt = time.elapsed;
  service.answersFrom = time.elapsed + ANSWERS_AFTER_MS;
  if (service.ailment?.how !== "dead") return;
  await time.sleep(1_000);
  crash(service, time.elapsed);
}

function addRun(service: Service, elapsed: Millis): void {
  const number = service.executions.length + 1;
  service.live.instances.push({ id: `${service.name}-i${number}`, status: "RUNNING" });
  service.executions = [
    {
      id: `${service.name}-e${number}`,
      deploymentId: service.live.id,
      createdAt: elapsed,
      completedAt: null,
      status: "RUNNING",
    },
    ...service.executions,
  ];
}
