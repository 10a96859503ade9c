import { z } from "zod";

import { problem } from "../../domain/problem.ts";
import type { Call, Graphql, Variables } from "../graphql.ts";
import { only, read } from "../look.ts";
import { failure, success, type Result } from "../result.ts";
import { maybe } from "../schema.ts";
import { logLines, type LogLine } from "./logs.ts";
import { mutateFor, Yes, type Accepted } from "./mutation.ts";
import { ACT_OPERATIONS as OPERATIONS } from "./operations.ts";
import { replicasPatch } from "./patch.ts";
import { Configuration, regionsOf, Releases, type Regions, type Release } from "./release.ts";
import {
  createVariableBook,
  stateIn,
  type VariableChanges,
  type VariableNames,
  type VariableState,
} from "./variables.ts";

/** Whether a push deploys. `canEnable` is asked before it is turned off, so that it can be undone. */
export interface Autodeploy {
  readonly enabled: boolean;
  readonly canEnable: boolean;
  readonly reason: string | null;
}

/** How far a patch has come. `unknown`: neither query knows its id. */
export interface PatchState {
  readonly state: "applying" | "applied" | "failed" | "unknown";
  readonly error: string | null;
}

/** What can be done to releases and replicas, and what has to be read for it. Mutations are sent once. */
export interface Acts {
  /** The last fifty deployments with what they were made of, newest first. */
  releases(serviceId: string, call: Call): Promise<Result<readonly Release[]>>;
  /** The newest lines of a deployment, oldest first. Text of strangers. */
  logs(
    deploymentId: string,
    asked: { readonly filter: string; readonly limit: number },
    call: Call,
  ): Promise<Result<readonly LogLine[]>>;
  buildLogs(deploymentId: string, limit: number, call: Call): Promise<Result<readonly LogLine[]>>;
  restart(deploymentId: string, call: Call): Promise<Result<Accepted>>;
  /** A new deployment of that one's image, settings and variables will come; its id is not told. */
  rollback(deploymentId: string, call: Call): Promise<Result<Accepted>>;
  /** A new deployment of the same image and the variables of then. */
  redeploy(deploymentId: string, call: Call): Promise<Result<{ readonly deploymentId: string }>>;
  /** A new deployment of the service as it is configured now; its id is not told. */
  redeployService(serviceId: string, call: Call): Promise<Result<Accepted>>;
  /** The same, with its id. Null: the commit that serves. */
  deployCommit(
    serviceId: string,
    commit: string | null,
    call: Call,
  ): Promise<Result<{ readonly deploymentId: string }>>;
  cancel(deploymentId: string, call: Call): Promise<Result<Accepted>>;
  autodeploy(serviceId: string, call: Call): Promise<Result<Autodeploy>>;
  setAutodeploy(serviceId: string, enabled: boolean, call: Call): Promise<Result<Accepted>>;
  /** Where how many replicas are configured; empty when the configuration does not say. */
  regions(serviceId: string, call: Call): Promise<Result<Regions>>;
  /** Sets the number of replicas of each region named; null empties one. Throws on 0 and above 50. */
  scale(
    serviceId: string,
    regions: { readonly [region: string]: number | null },
    call: Call,
  ): Promise<Result<{ readonly patchId: string }>>;
  patchState(patchId: string, call: Call): Promise<Result<PatchState>>;
  /** The names of the service's variables. Values stay inside. */
  variables(serviceId: string, call: Call): Promise<Result<VariableNames>>;
  /** Which variables differ from an earlier look, by name. */
  variableChanges(
    serviceId: string,
    before: VariableNames,
    call: Call,
  ): Promise<Result<VariableChanges>>;
  /** How one variable of the service stands, in terms of the values that are asked about. */
  variable(
    serviceId: string,
    name: string,
    asked: readonly string[],
    call: Call,
  ): Promise<Result<VariableState>>;
  /** Writes a variable, or deletes it (null); Railway deploys the service anew with it. The deployment's id is not told. */
  setVariable(
    serviceId: string,
    name: string,
    value: string | null,
    call: Call,
  ): Promise<Result<Accepted>>;
}

const Deployed = z.string().min(1);
const PatchStates = z.object({
  status: z.string(),
  appliedAt: maybe(z.string()),
  lastAppliedError: maybe(z.string()),
});
const WorkflowStates = z.object({ status: z.string(), error: maybe(z.string()) });

/** The acts of one environment. */
export function createActs(
  graphql: Graphql,
  scope: { readonly projectId: string; readonly environmentId: string },
): Acts {
  const { environmentId } = scope;
  const book = createVariableBook();

  async function ask<T>(
    document: string,
    field: string,
    variables: Variables,
    shape: z.ZodType<T>,
    call: Call,
  ): Promise<Result<T>> {
    const reply = await graphql.query(document, variables, call);
    return read(reply.ok ? only(reply.value, field) : reply, shape);
  }
  function accept(document: string, field: string, variables: Variables, call: Call) {
    return mutateFor(graphql, { document, field, variables, shape: Yes }, call);
  }
  const readVariables = (serviceId: string, call: Call) =>
    ask(
      OPERATIONS.Variables,
      "variables",
      { ...scope, serviceId },
      z.record(z.string(), z.unknown()),
      call,
    );

  return {
    releases: (serviceId, call) =>
      ask(OPERATIONS.Releases, "deployments", { ...scope, serviceId }, Releases, call),
    logs: (deploymentId, { filter, limit }, call) =>
      ask(
        OPERATIONS.DeploymentLogs,
        "deploymentLogs",
        { deploymentId, filter, limit },
        logLines(limit),
        call,
      ),
    buildLogs: (deploymentId, limit, call) =>
      ask(OPERATIONS.BuildLogs, "buildLogs", { deploymentId, limit }, logLines(limit), call),
    restart: (id, call) => accept(OPERATIONS.Restart, "deploymentRestart", { id }, call),
    rollback: (id, call) => accept(OPERATIONS.Rollback, "deploymentRollback", { id }, call),
    redeploy: (id, call) => {
      const shape = z.object({ id: Deployed }).transform((made) => ({ deploymentId: made.id }));
      const asked = { document: OPERATIONS.Redeploy, field: "deploymentRedeploy" };
      return mutateFor(graphql, { ...asked, variables: { id }, shape }, call);
    },
    redeployService: (serviceId, call) =>
      accept(
        OPERATIONS.RedeployService,
        "serviceInstanceRedeploy",
        { serviceId, environmentId },
        call,
      ),
    deployCommit: (serviceId, commit, call) => {
      const shape = Deployed.transform((deploymentId) => ({ deploymentId }));
      const variables = { serviceId, environmentId, commitSha: commit };
      const asked = { document: OPERATIONS.DeployCommit, field: "serviceInstanceDeployV2" };
      return mutateFor(graphql, { ...asked, variables, shape }, call);
    },
    cancel: (id, call) => accept(OPERATIONS.Cancel, "deploymentCancel", { id }, call),
    autodeploy: (serviceId, call) => {
      const shape = z.object({
        enabled: z.boolean(),
        canEnable: z.boolean(),
        reason: maybe(z.string()),
      });
      const field = "serviceInstanceAutoDeployStatus";
      return ask(OPERATIONS.Autodeploy, field, { ...scope, serviceId }, shape, call);
    },
    setAutodeploy: (serviceId, enabled, call) => {
      const shape = z
        .object({ enabled: z.literal(enabled) })
        .transform((): Accepted => ({ accepted: true }));
      const variables = { input: { ...scope, serviceId, enabled } };
      const field = "serviceInstanceAutoDeployUpdate";
      return mutateFor(
        graphql,
        { document: OPERATIONS.SetAutodeploy, field, variables, shape },
        call,
      );
    },
    async regions(serviceId, call) {
      const found = await ask(OPERATIONS.Configuration, "environment", scope, Configuration, call);
      if (!found.ok) return found;
      const deploy = found.value.config.services[serviceId]?.deploy ?? null;
      return success(deploy === null ? {} : regionsOf(deploy));
    },
    scale: (serviceId, regions, call) => {
      const patch = replicasPatch(serviceId, regions);
      const shape = Deployed.transform((patchId) => ({ patchId }));
      const variables = { environmentId, patch, commitMessage: "Signalman: replicas" };
      const asked = { document: OPERATIONS.Patch, field: "environmentPatchCommit" };
      return mutateFor(graphql, { ...asked, variables, shape }, call);
    },
    async patchState(id, call) {
      // Nobody wrote down which of the two knows the id.
      const patch = await ask(OPERATIONS.PatchState, "environmentPatch", { id }, PatchStates, call);
      if (patch.ok) return success(stateOfPatch(patch.value));
      const workflow = await ask(
        OPERATIONS.WorkflowState,
        "workflowStatus",
        { id },
        WorkflowStates,
        call,
      );
      return workflow.ok ? success(stateOfWorkflow(workflow.value)) : workflow;
    },
    async variables(serviceId, call) {
      const found = await readVariables(serviceId, call);
      return found.ok ? success(book.note(found.value)) : withoutValues(found);
    },
    async variableChanges(serviceId, before, call) {
      const found = await readVariables(serviceId, call);
      return found.ok ? success(book.compare(before, found.value)) : withoutValues(found);
    },
    async variable(serviceId, name, asked, call) {
      const found = await readVariables(serviceId, call);
      if (!found.ok) return withoutValues(found);
      const state = stateIn(found.value, name, asked);
      if (state.kind !== "absent") return success(state);
      // A sealed one cannot be read and is not among them; the configuration still names it.
      const known = await ask(OPERATIONS.Configuration, "environment", scope, Configuration, call);
      if (!known.ok) return known;
      const names = known.value.config.services[serviceId]?.variables ?? [];
      return success(names.includes(name) ? { kind: "other" } : state);
    },
    setVariable: (serviceId, name, value, call) => {
      const place = { ...scope, serviceId, name };
      return value === null
        ? accept(OPERATIONS.DeleteVariable, "variableDelete", { input: place }, call)
        : accept(OPERATIONS.SetVariable, "variableUpsert", { input: { ...place, value } }, call);
    },
  };
}

/** Why variables could not be read, without a word that could be out of them. */
function withoutValues(found: Result<unknown> & { readonly ok: false }): Result<never> {
  const { code, retryAt } = found.problem;
  return failure(problem(code, "the variables could not be read", retryAt));
}

function stateOfPatch(patch: z.infer<typeof PatchStates>): PatchState {
  if (patch.lastAppliedError !== null) return { state: "failed", error: patch.lastAppliedError };
  const isApplied = patch.status === "COMMITTED" || patch.appliedAt !== null;
  return { state: isApplied ? "applied" : "applying", error: null };
}

function stateOfWorkflow({ status, error }: z.infer<typeof WorkflowStates>): PatchState {
  if (status === "Complete") return { state: "applied", error: null };
  if (status === "Error") return { state: "failed", error: error ?? "an error without words" };
  return { state: status === "Running" ? "applying" : "unknown", error: null };
}
