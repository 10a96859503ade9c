import { z } from "zod";

import { plain } from "./classify.ts";
import type { PlatformStatus } from "./schema.ts";

/** Is Railway itself well? `detail` says by whose word, or what the trouble is. */
export interface Platform {
  readonly state: "well" | "trouble" | "unknown";
  readonly detail: string;
}

/** What `platformStatus` of the API says. An incident that is not resolved is trouble, stable or not. */
export function fromApi(status: PlatformStatus): Platform {
  const troubles: string[] = [];
  const { incident, maintenance } = status;
  if (incident !== null && !is(incident.status, "RESOLVED")) {
    troubles.push(`incident ${incident.status}: ${incident.message}`);
  }
  if (maintenance !== null && !is(maintenance.status, "COMPLETED", "NOTSTARTEDYET")) {
    troubles.push(`maintenance ${maintenance.status}: ${maintenance.message}`);
  }
  if (!status.isStable && troubles.length === 0) troubles.push("Railway calls itself not stable");
  return verdict(troubles, "Railway's API calls the platform stable");
}

/** What the public status feed says; null when it is no feed we know. */
export function fromFeed(feed: unknown): Platform | null {
  const read = Feed.safeParse(feed);
  if (!read.success) return null;
  const { components, incidents, maintenances } = read.data;
  const leaves = components.flatMap((component) => leavesOf(component, 0));
  if (leaves.length === 0) return null;
  const troubles = leaves
    .filter((leaf) => !is(leaf.status ?? "unknown", "OPERATIONAL"))
    .map((leaf) => `${leaf.name} ${leaf.status ?? "unknown"}`);
  for (const incident of incidents) {
    if (incident.resolvedAt !== null || is(incident.status, "RESOLVED", "POSTMORTEM")) continue;
    troubles.push(`incident ${incident.status}: ${incident.title}`);
  }
  for (const maintenance of maintenances) {
    if (is(maintenance.status, "COMPLETED", "NOTSTARTEDYET", "SCHEDULED", "CANCELLED")) continue;
    troubles.push(`maintenance ${maintenance.status}: ${maintenance.title}`);
  }
  return verdict(troubles, "Railway's status feed calls every component operational");
}

interface Component {
  readonly name: string;
  readonly status?: string | null | undefined;
  readonly components?: readonly Component[] | null | undefined;
  readonly children?: readonly Component[] | null | undefined;
}

const Component: z.ZodType<Component> = z.lazy(() =>
  z.object({
    name: z.string().catch("(no name)"),
    status: z.string().nullish(),
    components: z.array(Component).nullish(),
    children: z.array(Component).nullish(),
  }),
);

const Entry = z.object({
  title: z.string().catch("(no title)"),
  status: z.string().catch("unknown"),
  resolvedAt: z.string().nullable().catch(null),
});

const Feed = z.object({
  components: z.array(Component),
  incidents: z.array(Entry).catch([]),
  maintenances: z.array(Entry).catch([]),
});

/** A group speaks through its members; its own status only counts when it has none. */
function leavesOf(component: Component, depth: number): readonly Component[] {
  const inner = [...(component.components ?? []), ...(component.children ?? [])];
  if (inner.length === 0 || depth > 5) return [component];
  return inner.flatMap((child) => leavesOf(child, depth + 1));
}

/** Compares as a person would: `Not Started Yet`, `not_started_yet` and `NOTSTARTEDYET` are one word. */
function is(word: string, ...expected: readonly string[]): boolean {
  return expected.includes(word.toUpperCase().replaceAll(/[^A-Z]/g, ""));
}

function verdict(troubles: readonly string[], well: string): Platform {
  if (troubles.length === 0) return { state: "well", detail: well };
  return { state: "trouble", detail: plain(troubles.slice(0, 5).join("; ")) };
}
