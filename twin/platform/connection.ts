import { GraphQLError } from "graphql";

export type PageArguments = { first?: number | null; after?: string | null };

export type Connection<T> = {
  edges: { cursor: string; node: T }[];
  pageInfo: {
    endCursor: string | null;
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
  };
};

/** One page of a list, in Relay's shape. Throws the platform's refusal on a cursor that is none. */
export function paginate<T>(items: readonly T[], page: PageArguments): Connection<T> {
  const start = page.after === undefined || page.after === null ? 0 : position(page.after) + 1;
  const nodes = items.slice(start, start + (page.first ?? 100));
  const edges = nodes.map((node, index) => ({ cursor: cursor(start + index), node }));
  return {
    edges,
    pageInfo: {
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
      hasPreviousPage: start > 0,
      hasNextPage: start + nodes.length < items.length,
    },
  };
}

function cursor(index: number): string {
  return Buffer.from(`at:${index}`).toString("base64url");
}

function position(text: string): number {
  const match = /^at:(\d+)$/.exec(Buffer.from(text, "base64url").toString());
  if (match === null) throw new GraphQLError("Problem processing request");
  return Number(match[1]);
}
