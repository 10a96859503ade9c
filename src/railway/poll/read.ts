import type { z } from "zod";

import { problem, type Problem } from "../../domain/problem.ts";
import type { Instant } from "../../domain/time.ts";
import { read } from "../look.ts";
import { fromApi } from "../platform.ts";
import { failure, success, type Result } from "../result.ts";
import { Executions, PlatformStatus, type Execution, type ServiceInstance } from "../schema.ts";
import type { Alias, Feature } from "./aliases.ts";
import type { Answers } from "./asker.ts";
import { Durations, Logs, Services, Settings, Statuses, Usage } from "./shapes.ts";
import type { Sight } from "./sight.ts";
import type { Window } from "./window.ts";

/** One whole answer. */
export interface Poll {
  readonly number: number;
  readonly at: Instant;
  readonly answers: Answers;
  readonly aliases: readonly Alias[];
  readonly window: Window;
}

/** The ids of services by the name (or id) they are configured under; those that the answer does not know are left out. */
export function idsOf(
  answers: Answers,
  names: readonly string[],
): readonly (readonly [name: string, id: string])[] {
  const services = read(answers.get("services"), Services);
  if (!services.ok) return [];
  return names.flatMap((name) => {
    const found = pick(services.value, name);
    return found.ok ? [[name, found.value.serviceId] as const] : [];
  });
}

/** Why a poll has no answer at all; null when any part of it answered. */
export function wholeFailure({ answers }: Poll): Problem | null {
  const results = [...answers.values()];
  if (results.some(({ ok }) => ok)) return null;
  const [first] = results;
  return first?.ok === false ? first.problem : problem("railway-unreadable", "nothing was asked");
}

/** What a poll says of one service, by the name it is configured under. */
export function sightOf(poll: Poll, name: string): Sight {
  const { answers, window } = poll;
  const services = read(answers.get("services"), Services);
  const service = services.ok ? pick(services.value, name) : services;
  // Its id may be known although this poll could not read the services: aliases carry it.
  const id = service.ok ? service.value.serviceId : null;
  const settings = read(answers.get("settings"), Settings);
  const own = settings.ok ? settings.value.find(({ serviceId }) => serviceId === id) : undefined;
  const platform = read(answers.get("platform"), PlatformStatus);
  const usage = read(answers.get("usage"), Usage);
  const of = <T>(feature: Feature, shape: z.ZodType<T>): Result<T> | null => {
    const alias = poll.aliases.find((one) => one.feature === feature && one.service === id);
    return alias === undefined || id === null ? null : read(answers.get(alias.name), shape);
  };
  const statuses = of("statuses", Statuses);
  const durations = of("durations", Durations);
  return {
    number: poll.number,
    at: poll.at,
    service,
    replicas: own?.numReplicas ?? null,
    commits: Object.fromEntries(
      (own?.activeDeployments ?? []).flatMap(({ id: deployment, meta }) =>
        meta === null ? [] : [[deployment, meta]],
      ),
    ),
    executions: executionsOf(of("executions", Executions), service),
    usage: usage.ok ? success(usage.value.filter(({ tags }) => tags.serviceId === id)) : usage,
    edge:
      statuses === null || durations === null
        ? null
        : { from: window.edgeFrom, stepMs: window.grain.edgeSeconds * 1_000, statuses, durations },
    logs: logsOf(poll, id),
    platform: platform.ok ? fromApi(platform.value) : null,
  };
}

function pick({ services, more }: Services, name: string): Result<ServiceInstance> {
  const found =
    services.find(({ serviceId }) => serviceId === name) ??
    services.find(({ serviceName }) => serviceName === name);
  if (found !== undefined) return success(found);
  const rest = more ? "; there are more than one page holds" : "";
  return failure(problem("railway-no-service", `no service "${name}" in the environment${rest}`));
}

function executionsOf(
  asked: Result<z.infer<typeof Executions>> | null,
  service: Result<ServiceInstance>,
): Result<readonly Execution[]> {
  if (asked === null)
    return service.ok ? failure(problem("railway-unreadable", "not asked")) : service;
  if (!asked.ok) return asked;
  if (asked.value.next === null) return success(asked.value.rows);
  // Following the pages would cost a request each, in every poll.
  return failure(problem("railway-unreadable", "the newest executions are pages away"));
}

function logsOf({ answers, window }: Poll, id: string | null): Sight["logs"] {
  if (!answers.has("logs") || id === null) return null;
  const lines = read(answers.get("logs"), Logs);
  const isCut = lines.ok && lines.value.length >= window.grain.logRows;
  return {
    from: window.logsFrom,
    isCut,
    // One row more comes than was asked for: it is as true as the others.
    lines: lines.ok ? success(lines.value.filter(({ serviceId }) => serviceId === id)) : lines,
  };
}
