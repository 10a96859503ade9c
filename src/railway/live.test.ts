import { expect, test } from "vitest";

import { isInFlight, liveDeployment } from "./live.ts";
import type { Deployment, ServiceInstance } from "./schema.ts";

test("an active deployment decides, also against a newer latest one that failed", () => {
  const active = one("a", "SUCCESS", 1);
  const service = instance({
    activeDeployments: [active],
    latestDeployment: one("b", "FAILED", 2),
  });
  expect(liveDeployment(service, [one("b", "FAILED", 2), active])?.id).toBe("a");
});

test("while two overlap, the newer one that has finished serves", () => {
  const [old, fresh, coming] = [
    one("a", "SUCCESS", 1),
    one("b", "SUCCESS", 2),
    one("c", "DEPLOYING", 3),
  ];
  expect(liveDeployment(instance({ activeDeployments: [old, fresh] }))?.id).toBe("b");
  expect(liveDeployment(instance({ activeDeployments: [old, coming] }))?.id).toBe("a");
});

test("a restarting one is still the one that serves", () => {
  const restarting = one("a", "DEPLOYING", 1);
  expect(liveDeployment(instance({ activeDeployments: [restarting] }))?.id).toBe("a");
  expect(isInFlight(restarting)).toBe(true);
  expect(isInFlight(one("a", "SUCCESS", 1))).toBe(false);
});

test("without an active one: the newest that ran and was not stopped", () => {
  const list = [
    one("failed", "FAILED", 5),
    one("skipped", "SKIPPED", 4),
    { ...one("stopped", "SUCCESS", 3), deploymentStopped: true },
    one("crashed", "CRASHED", 2),
    one("older", "SUCCESS", 1),
  ];
  expect(liveDeployment(instance({}), list)?.id).toBe("crashed");
  expect(liveDeployment(instance({}), [one("x", "REMOVED", 1)])).toBeNull();
});

test("with the list at hand the latest deployment is not believed", () => {
  const service = instance({ latestDeployment: one("stale", "SUCCESS", 9) });
  expect(liveDeployment(service, [])).toBeNull();
  expect(liveDeployment(service)?.id).toBe("stale");
});

function one(id: string, status: string, createdAt: number): Deployment {
  return { id, status, createdAt, statusUpdatedAt: null, deploymentStopped: false, instances: [] };
}

function instance(more: Partial<ServiceInstance>): ServiceInstance {
  const base = { id: "i", serviceId: "s", serviceName: "Postgres" };
  return { ...base, latestDeployment: null, activeDeployments: [], ...more };
}
