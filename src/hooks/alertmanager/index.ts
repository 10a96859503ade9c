import { z } from "zod";

import type { Hint } from "../../domain/hint.ts";
import { HINTS_MAX, type Hook } from "../hook.ts";
import { hint, Labels, present, refused, severityOf, Text } from "../reading.ts";

const Alert = z
  .object({
    status: Text,
    labels: Labels,
    annotations: Labels,
    startsAt: Text,
    fingerprint: Text,
  })
  .nullable()
  .catch(null);
type Alert = NonNullable<z.infer<typeof Alert>>;

const Body = z.object({ status: Text, alerts: z.array(Alert) });

/** Labels that may name what the alert is about, the most deliberate first. */
const NAMING = [
  "signalman_target",
  "target",
  "service",
  "service_name",
  "app",
  "job",
  "deployment",
  "container",
  "instance",
];

/**
 * Prometheus Alertmanager, and Grafana, which sends the same form: one delivery holds a group of alerts, firing and
 * resolved ones together, and the whole group again whenever one of them changes.
 */
export const hook: Hook<"alertmanager"> = {
  source: "alertmanager",
  read(body) {
    const read = Body.safeParse(body);
    if (!read.success)
      return refused('expected a JSON object with a list "alerts", as Alertmanager sends it');
    const { alerts, status } = read.data;
    const hints = alerts
      .slice(0, HINTS_MAX)
      .flatMap((alert) => (alert === null ? [] : [hintOf(alert, status)]));
    return { kind: "hints", hints };
  },
};

function hintOf(alert: Alert, groupStatus: string | undefined): Hint {
  const { labels, annotations, startsAt, fingerprint } = alert;
  const about = labels["alertname"] ?? "an alert without a name";
  const status = (alert.status ?? groupStatus ?? "").toLowerCase();
  const [words = about] = present(
    ["summary", "description", "message", "title"].map((name) => annotations[name]),
  );
  const place = ["job", "instance"].flatMap((name) =>
    labels[name] === undefined ? [] : [`${name} ${labels[name]}`],
  );
  return hint({
    about,
    alert: fingerprint ?? about,
    words: place.length === 0 ? words : `${words} (${place.join(", ")})`,
    state: status === "firing" || status === "resolved" ? status : "note",
    severity: severityOf(labels["severity"] ?? labels["priority"]),
    id: fingerprint === undefined ? null : `${fingerprint}|${startsAt ?? ""}`,
    names: present(NAMING.map((name) => labels[name])),
  });
}
