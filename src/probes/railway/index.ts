import type { Values } from "../../domain/observation.ts";
import { problem, type Problem } from "../../domain/problem.ts";
import { liveDeployment } from "../../railway/live.ts";
import type { Sight } from "../../railway/poll/sight.ts";
import type { Deployment } from "../../railway/schema.ts";
import { define } from "../definition.ts";
import { short } from "../looking.ts";
import { watching, type Watched } from "../watching.ts";
import { Config } from "./config.ts";
import { createEdge } from "./edge.ts";
import { createRestarts } from "./restarts.ts";
import { wordOf } from "./up.ts";
import { createUsage, type Usage } from "./usage.ts";

/**
 * Reads what Railway itself sees of the target: the live deployment, restarts behind a deployment that looks well, memory and
 * CPU, and the requests at its edge. Says `up` only where nothing else does.
 */
export const definition = define({
  kind: "railway",
  Config,
  example: { kind: "railway" },
  opens: "service-down",
  asksPlatform: true,
  measures: ["requests", "memory"],
  nameOf: () => "railway",
  create(setting) {
    const restarts = createRestarts();
    const edge = createEdge();
    const usage = createUsage();
    const isOnlyWord = setting.platform?.isOnlyWord === true;
    const isOnEdge = setting.config.edge ?? setting.baseUrl !== undefined;

    const see = (sight: Sight): Watched => {
      const { service, edge: seen } = sight;
      const live = service.ok ? liveDeployment(service.value) : null;
      const isAsleep = live?.status === "SLEEPING";
      const word = service.ok ? wordOf(live) : { value: null, problem: service.problem };
      const values: Values = {
        ...(isOnlyWord ? { up: word.value } : {}),
        restarts: restarts.count(sight),
        // Who sleeps uses nothing and answers nobody, and that is no loss of sight.
        ...(isAsleep ? {} : usageOf(usage, sight, live)),
        ...(isAsleep || seen === null ? {} : edge.read(seen, sight.at)),
      };
      const wordProblem = isOnlyWord || isAsleep || !service.ok ? word.problem : undefined;
      const why = wordProblem ?? problemOf(sight, values);
      return {
        values,
        ...(live === null ? {} : { deployment: nameOf(live, sight) }),
        ...(why === undefined ? {} : { problem: withPlatform(why, sight) }),
      };
    };

    return watching({
      setting,
      kind: "railway",
      wishes: isOnEdge ? ["edge"] : [],
      see,
      blind: () => ({
        ...(isOnlyWord ? { up: null } : {}),
        restarts: null,
        memory_used: null,
        cpu_used: null,
        ...(isOnEdge ? { requests: null, failed: null } : {}),
      }),
    });
  },
});

function usageOf(usage: Usage, { usage: asked, at }: Sight, live: Deployment | null): Values {
  if (!asked.ok) return { memory_used: null, cpu_used: null };
  return usage.read(asked.value, live?.id ?? null, at);
}

/** With the commit behind an `@` where there is one: another deployment of the same commit is no release. */
function nameOf({ id }: Deployment, { commits }: Sight): string {
  const commit = commits[id];
  return commit === undefined ? id : `${id}@${short(commit, 64)}`;
}

/** Why something is `null`: the first part that failed. */
function problemOf(sight: Sight, values: Values): Problem | undefined {
  const { service, executions, usage: used, edge } = sight;
  for (const part of [service, executions, used, edge?.statuses, edge?.durations])
    if (part?.ok === false) return part.problem;
  return Object.values(values).includes(null) ? problem("no-sample") : undefined;
}

/** Trouble of Railway's own belongs to the evidence of everything that looks bad meanwhile. */
function withPlatform(why: Problem, { platform }: Sight): Problem {
  if (platform?.state !== "trouble") return why;
  return { ...why, detail: short(`${why.detail}; Railway itself: ${platform.detail}`, 240) };
}
