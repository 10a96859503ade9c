import type { Incident } from "../domain/incident.ts";

export type Severity = "critical" | "high" | "medium" | "low";

/** By kind, because nobody rates an incident at night: users are cut off, users suffer, users may not notice. */
const BY_KIND: Readonly<Record<string, Severity>> = {
  "database-down": "critical",
  "service-down": "critical",
  "data-breach": "critical",
  "crash-loop": "critical",
  "redis-down": "high",
  "high-error-rate": "high",
  "rollout-regression": "high",
  "traffic-flood": "high",
  "high-latency": "medium",
  "memory-leak": "medium",
  saturation: "medium",
};

/** How bad it was. A false alarm is low whatever it looked like; an unknown kind is medium. */
export function severityOf(incident: Pick<Incident, "kind" | "ending">): Severity {
  if (incident.ending === "false-alarm") return "low";
  return (Object.hasOwn(BY_KIND, incident.kind) ? BY_KIND[incident.kind] : undefined) ?? "medium";
}
