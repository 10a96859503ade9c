import type { FastifyInstance } from "fastify";
import type { Platform } from "./platform.ts";
import { date } from "./views.ts";

/** `GET /status`: the public status page's feed, following the platform-incident fault. */
export function addStatusFeed(app: FastifyInstance, platform: Platform): void {
  app.get("/status", async () => {
    const incident = platform.faults.find("platform-incident");
    const status = incident === undefined ? "OPERATIONAL" : "PARTIAL_OUTAGE";
    return {
      components: ["Deployments", "Networking", "API"].map((name, position) => ({
        id: `component-${position}`,
        name,
        status,
        position,
        type: "component",
      })),
      incidents:
        incident === undefined
          ? []
          : [
              {
                id: `incident-${incident.since}`,
                slug: `incident-${incident.since}`,
                title: incident.fault.message,
                status: "INVESTIGATING",
                worstImpact: status,
                createdAt: date(incident.since),
                updatedAt: date(incident.since),
                resolvedAt: null,
              },
            ],
      maintenances: [],
    };
  });
}
