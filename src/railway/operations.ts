import { ACT_OPERATIONS } from "./acts/operations.ts";

/** The parts of one look: each is a root field of its own, so that a broken one can be left out. */
export const PARTS = ["environment", "deployments", "executions", "platform"] as const;
export type Part = (typeof PARTS)[number];

const DEPLOYMENT = "id status statusUpdatedAt createdAt deploymentStopped instances { id status }";

const SELECTIONS: {
  readonly [part in Part]: { readonly variables: readonly string[]; readonly text: string };
} = {
  environment: {
    variables: ["environmentId", "projectId"],
    text: `environment(id: $environmentId, projectId: $projectId) {
      id
      name
      serviceInstances(first: 100) {
        edges { node {
          id serviceId serviceName
          latestDeployment { ${DEPLOYMENT} }
          activeDeployments { ${DEPLOYMENT} }
        } }
        pageInfo { hasNextPage }
      }
      volumeInstances(first: 100) {
        edges { node { id serviceId mountPath currentSizeMB sizeMB state } }
      }
    }`,
  },
  deployments: {
    variables: ["environmentId", "projectId", "serviceId"],
    text: `deployments(input: { projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId }, first: 5) {
      edges { node { ${DEPLOYMENT} } }
    }`,
  },
  executions: {
    variables: ["environmentId", "serviceId"],
    text: `deploymentInstanceExecutions(input: { environmentId: $environmentId, serviceId: $serviceId }, first: 50) {
      edges { node { id status createdAt completedAt deploymentId } }
      pageInfo { hasNextPage endCursor }
    }`,
  },
  platform: {
    variables: [],
    text: `platformStatus {
      isStable
      incident { id message status url createdAt }
      maintenance { id message status start url }
    }`,
  },
};

/** One request for several parts. Every root field answers under the name of its part. */
export function lookAt(parts: readonly Part[], name = "Look"): string {
  const variables = [...new Set(parts.flatMap((part) => SELECTIONS[part].variables))].sort();
  const declared = variables.map((variable) => `$${variable}: String!`).join(", ");
  const fields = parts.map((part) => `  ${part}: ${SELECTIONS[part].text}`).join("\n");
  return `query ${name}${declared === "" ? "" : `(${declared})`} {\n${fields}\n}`;
}

/** Every document this client can send. Fewest possible fields: Railway removes some without notice. */
export const OPERATIONS = {
  IdentifyProject: `query IdentifyProject {
  projectToken { id name projectId environmentId project { id name } environment { id name } }
}`,
  IdentifyBearer: `query IdentifyBearer { apiToken { workspaces { id name } } }`,
  IdentifyAccount: `query IdentifyAccount { me { id } }`,
  Look: lookAt(PARTS),
  Environment: lookAt(["environment"], "Environment"),
  Deployments: lookAt(["deployments"], "Deployments"),
  Executions: lookAt(["executions"], "Executions"),
  MoreExecutions: `query MoreExecutions($environmentId: String!, $serviceId: String!, $after: String!) {
  executions: deploymentInstanceExecutions(input: { environmentId: $environmentId, serviceId: $serviceId }, first: 50, after: $after) {
    edges { node { id status createdAt completedAt deploymentId } }
    pageInfo { hasNextPage endCursor }
  }
}`,
  Platform: lookAt(["platform"], "Platform"),
  ...ACT_OPERATIONS,
} as const satisfies { readonly [name: string]: string };

export type OperationName = keyof typeof OPERATIONS;
