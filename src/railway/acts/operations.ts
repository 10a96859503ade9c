/** Every document of the acts on releases. What is not here cannot be sent: nothing replaces, and nothing is deleted but one variable. */
export const ACT_OPERATIONS = {
  Releases: `query Releases($projectId: String!, $environmentId: String!, $serviceId: String!) {
  deployments(input: { projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId }, first: 50) {
    edges { node { id status statusUpdatedAt createdAt deploymentStopped canRollback meta instances { id status } } }
    pageInfo { hasNextPage }
  }
}`,
  Autodeploy: `query Autodeploy($projectId: String!, $environmentId: String!, $serviceId: String!) {
  serviceInstanceAutoDeployStatus(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId) { enabled canEnable reason }
}`,
  Configuration: `query Configuration($projectId: String!, $environmentId: String!) {
  environment(id: $environmentId, projectId: $projectId) { id config(decryptVariables: false) }
}`,
  Variables: `query Variables($projectId: String!, $environmentId: String!, $serviceId: String!) {
  variables(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId, unrendered: true)
}`,
  DeploymentLogs: `query DeploymentLogs($deploymentId: String!, $filter: String, $limit: Int) {
  deploymentLogs(deploymentId: $deploymentId, filter: $filter, limit: $limit) { timestamp message severity }
}`,
  BuildLogs: `query BuildLogs($deploymentId: String!, $limit: Int) {
  buildLogs(deploymentId: $deploymentId, limit: $limit) { timestamp message severity }
}`,
  PatchState: `query PatchState($id: String!) { environmentPatch(id: $id) { id status appliedAt lastAppliedError } }`,
  WorkflowState: `query WorkflowState($id: String!) { workflowStatus(workflowId: $id) { status error } }`,
  Restart: `mutation Restart($id: String!) { deploymentRestart(id: $id) }`,
  Rollback: `mutation Rollback($id: String!) { deploymentRollback(id: $id) }`,
  Redeploy: `mutation Redeploy($id: String!) { deploymentRedeploy(id: $id, usePreviousImageTag: true) { id } }`,
  RedeployService: `mutation RedeployService($serviceId: String!, $environmentId: String!) {
  serviceInstanceRedeploy(serviceId: $serviceId, environmentId: $environmentId)
}`,
  DeployCommit: `mutation DeployCommit($serviceId: String!, $environmentId: String!, $commitSha: String) {
  serviceInstanceDeployV2(serviceId: $serviceId, environmentId: $environmentId, commitSha: $commitSha)
}`,
  Cancel: `mutation Cancel($id: String!) { deploymentCancel(id: $id) }`,
  SetAutodeploy: `mutation SetAutodeploy($input: ServiceInstanceAutoDeployUpdateInput!) {
  serviceInstanceAutoDeployUpdate(input: $input) { enabled }
}`,
  SetVariable: `mutation SetVariable($input: VariableUpsertInput!) { variableUpsert(input: $input) }`,
  DeleteVariable: `mutation DeleteVariable($input: VariableDeleteInput!) { variableDelete(input: $input) }`,
  Patch: `mutation Patch($environmentId: String!, $patch: EnvironmentConfig!, $commitMessage: String) {
  environmentPatchCommit(environmentId: $environmentId, patch: $patch, commitMessage: $commitMessage)
}`,
} as const satisfies { readonly [name: string]: string };
