import { ask, askGraphql, at } from "./asking.ts";
import type { DeploymentState, ServiceState, Twin } from "./index.ts";
import { waitUntil } from "./processes/wait.ts";

const DEPLOYMENT = "id status deploymentStopped canRollback meta instances { id status }";

const MUTATIONS: Record<string, string> = {
  deploymentRestart: "$id: String!",
  deploymentRollback: "$id: String!",
  deploymentCancel: "$id: String!",
  deploymentStop: "$id: String!",
  serviceInstanceRedeploy: "$serviceId: String!, $environmentId: String!",
  serviceInstanceDeployV2: "$serviceId: String!, $environmentId: String!, $commitSha: String",
  serviceInstanceAutoDeployUpdate: "$input: ServiceInstanceAutoDeployUpdateInput!",
  variableUpsert: "$input: VariableUpsertInput!",
  variableDelete: "$input: VariableDeleteInput!",
};

/** What a test does at the platform as a person would, and how it looks at the API's service. */
export function actOn(twin: Twin) {
  function api(): ServiceState {
    const found = twin.state().services.find((it) => it.name === "tradesense-backend");
    if (found === undefined) throw new Error("No API.");
    return found;
  }

  function byId(id: string | null): DeploymentState {
    const found = api().deployments.find((it) => it.id === id);
    if (found === undefined) throw new Error(`No deployment ${id}.`);
    return found;
  }

  function live(): DeploymentState {
    return byId(api().deploymentId);
  }

  function pids(): number[] {
    return api().replicas.flatMap(({ pid, status }) => (status === "RUNNING" ? (pid ?? []) : []));
  }

  async function settled(id: string | null): Promise<void> {
    await waitUntil(
      () => api().deploymentId === id && api().running && api().status === "SUCCESS",
      15_000,
    );
  }

  async function memory(): Promise<number> {
    const { text } = await ask(`${twin.urls.api}/metrics`);
    return Number(/process_resident_memory_bytes (\d+)/.exec(text)?.[1] ?? 0);
  }

  function place() {
    return { serviceId: api().id, environmentId: twin.env["RAILWAY_ENVIRONMENT_ID"] };
  }

  async function mutate(name: string, variables: Record<string, unknown>): Promise<unknown> {
    const declared = MUTATIONS[name] ?? "";
    const given = [...declared.matchAll(/\$(\w+)/g)].map(([, it]) => `${it}: $${it}`).join(", ");
    const selection = name === "serviceInstanceAutoDeployUpdate" ? "{ enabled }" : "";
    return answered(name, `mutation M(${declared}) { ${name}(${given}) ${selection} }`, variables);
  }

  async function answered(
    field: string,
    query: string,
    variables: Record<string, unknown>,
  ): Promise<unknown> {
    const { data, errors } = await askGraphql(twin.env, query, variables);
    if (errors !== undefined) throw new Error(errors[0]?.message);
    return at(data, field);
  }

  function setAutodeploy(enabled: boolean): Promise<unknown> {
    const projectId = twin.env["RAILWAY_PROJECT_ID"];
    return mutate("serviceInstanceAutoDeployUpdate", { input: { ...place(), projectId, enabled } });
  }

  function autodeploy(): Promise<unknown> {
    return answered(
      "serviceInstanceAutoDeployStatus",
      `query Q($projectId: String!, $environmentId: String!, $serviceId: String!) {
      serviceInstanceAutoDeployStatus(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId) { enabled canEnable reason } }`,
      { ...place(), projectId: twin.env["RAILWAY_PROJECT_ID"] },
    );
  }

  function patch(multiRegionConfig: object, name = "tradesense-backend"): Promise<string> {
    const id = twin.state().services.find((it) => it.name === name)?.id ?? "";
    return commit({ services: { [id]: { deploy: { multiRegionConfig } } } });
  }

  async function commit(change: object): Promise<string> {
    const document = `mutation P($environmentId: String!, $patch: EnvironmentConfig) {
    environmentPatchCommit(environmentId: $environmentId, patch: $patch) }`;
    const { environmentId } = place();
    const id = await answered("environmentPatchCommit", document, { environmentId, patch: change });
    return String(id);
  }

  function patchOf(id: string): Promise<unknown> {
    const fields = "id status appliedAt lastAppliedError message";
    return answered(
      "environmentPatch",
      `query P($id: String!) { environmentPatch(id: $id) { ${fields} } }`,
      { id },
    );
  }

  function workflowOf(id: string): Promise<unknown> {
    const document = `query W($id: String!) { workflowStatus(workflowId: $id) { status error } }`;
    return answered("workflowStatus", document, { id });
  }

  async function upsert(name: string, value: string, skipDeploys: boolean): Promise<void> {
    const projectId = twin.env["RAILWAY_PROJECT_ID"];
    await mutate("variableUpsert", { input: { ...place(), projectId, name, value, skipDeploys } });
  }

  function variables(): Promise<unknown> {
    return answered(
      "variables",
      `query V($projectId: String!, $environmentId: String!, $serviceId: String) {
      variables(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId) }`,
      { ...place(), projectId: twin.env["RAILWAY_PROJECT_ID"] },
    );
  }

  async function list(): Promise<unknown[]> {
    const document = `query L($input: DeploymentListInput!) {
    deployments(input: $input) { edges { node { ${DEPLOYMENT} } } } }`;
    const edges = await answered("deployments.edges", document, { input: place() });
    return Array.isArray(edges) ? edges.map((edge) => at(edge, "node")) : [];
  }

  function of(id: string): Promise<unknown> {
    return answered(
      "deployment",
      `query D($id: String!) { deployment(id: $id) { ${DEPLOYMENT} } }`,
      {
        id,
      },
    );
  }

  async function environment(): Promise<unknown> {
    const document = `query E($id: String!, $projectId: String) { environment(id: $id, projectId: $projectId) {
    config(decryptVariables: false)
    serviceInstances { edges { node { serviceName latestDeployment { id } activeDeployments { id } } } } } }`;
    return answered("environment", document, {
      id: twin.env["RAILWAY_ENVIRONMENT_ID"],
      projectId: twin.env["RAILWAY_PROJECT_ID"],
    });
  }

  async function instance(): Promise<unknown> {
    const edges = at(await environment(), "serviceInstances.edges");
    const nodes = Array.isArray(edges) ? edges.map((edge) => at(edge, "node")) : [];
    return nodes.find((node) => at(node, "serviceName") === "tradesense-backend");
  }

  async function config(): Promise<unknown> {
    return at(await environment(), `config.services.${api().id}`);
  }

  return {
    api,
    byId,
    live,
    pids,
    settled,
    memory,
    place,
    mutate,
    answered,
    setAutodeploy,
    autodeploy,
    patch,
    commit,
    patchOf,
    workflowOf,
    upsert,
    variables,
    list,
    of,
    environment,
    instance,
    config,
  };
}
