import { createHmac, timingSafeEqual } from "node:crypto";

import { z } from "zod";

import type { Hint } from "../../domain/hint.ts";
import type { Hook } from "../hook.ts";
import { group, hint, present, refused, severityOf, Text } from "../reading.ts";

/** Pairs of name and value; anything else is left out. */
const Tags = z
  .array(z.tuple([z.string(), z.string()]).nullable().catch(null))
  .catch([])
  .transform((tags) => new Map(tags.filter((tag) => tag !== null)));

const Body = z.object({
  action: Text,
  data: group({
    triggered_rule: Text,
    description_title: Text,
    description_text: Text,
    event: group({ event_id: Text, title: Text, level: Text, url: Text, tags: Tags }),
    metric_alert: group({
      id: Text,
      title: Text,
      alert_rule: group({ name: Text, projects: z.array(z.string()).optional().catch(undefined) }),
    }),
    issue: group({
      id: Text,
      title: Text,
      level: Text,
      project: group({ slug: Text, name: Text }),
    }),
  }),
});
type Body = z.infer<typeof Body>;

/** Tags by which an app can say what it is, the most deliberate first. */
const NAMING = ["signalman_target", "service", "app", "server_name"];

/** Sentry's integration platform: signed over the bytes of the body, with the resource in a header. */
export const hook: Hook<"sentry"> = {
  source: "sentry",
  isSigned(secret, bytes, headers) {
    const given = headers["sentry-hook-signature"];
    if (typeof given !== "string" || !/^[0-9a-f]{64}$/i.test(given)) return false;
    const wanted = createHmac("sha256", secret).update(bytes).digest();
    return timingSafeEqual(wanted, Buffer.from(given, "hex"));
  },
  read(body, headers) {
    const read = Body.safeParse(body);
    if (!read.success) return refused("expected a JSON object as Sentry sends it");
    const resource = String(headers["sentry-hook-resource"] ?? "unknown");
    return { kind: "hints", hints: [hintOf(resource, read.data)] };
  },
};

/** Issue alerts and metric alerts are alerts; every other resource only tells that something happened. */
function hintOf(resource: string, body: Body): Hint {
  if (resource === "event_alert") return issueAlert(body);
  if (resource === "metric_alert") return metricAlert(body);
  const { issue } = body.data ?? {};
  const about = `${resource}.${body.action ?? "unknown"}`;
  return hint({
    about,
    words: issue?.title ?? about,
    severity: severityOf(issue?.level),
    id: issue?.id === undefined ? null : `${about}|${issue.id}`,
    names: present([issue?.project?.slug, issue?.project?.name]),
  });
}

function issueAlert({ data }: Body): Hint {
  const { event, triggered_rule: rule = "an alert without a rule" } = data ?? {};
  // .../projects/<organisation>/<project>/events/...
  const [, slug] = /\/projects\/[^/]+\/([^/]+)\//.exec(event?.url ?? "") ?? [];
  return hint({
    about: rule,
    words: event?.title ?? rule,
    state: "firing",
    severity: severityOf(event?.level),
    id: event?.event_id === undefined ? null : `${rule}|${event.event_id}`,
    names: present([...NAMING.map((name) => event?.tags.get(name)), slug]),
  });
}

function metricAlert({ action, data }: Body): Hint {
  const { metric_alert: alert } = data ?? {};
  const about = alert?.alert_rule?.name ?? alert?.title ?? "a metric alert without a name";
  const [title, text] = [data?.description_title, data?.description_text];
  const isOver = action === "resolved";
  const isKnown = isOver || action === "critical" || action === "warning";
  return hint({
    about,
    words: present([title, text]).join(": ") || about,
    state: isOver ? "resolved" : isKnown ? "firing" : "note",
    severity: isOver ? "info" : severityOf(action),
    id: alert?.id === undefined ? null : `metric|${alert.id}`,
    names: present(alert?.alert_rule?.projects ?? []),
  });
}
