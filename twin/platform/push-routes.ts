import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { asConfigured } from "./acts.ts";
import { FaultRefused, serviceNamed, type Platform } from "./platform.ts";
import { pushSchema, releaseOf, type Push } from "./release.ts";
import { termsSchema, type Terms } from "./terms.ts";

/** What a push came to: `deploymentId` is null while autodeploy is off. */
export type Pushed = { commit: string; deploymentId: string | null };

/** What people and Railway do to the platform without the daemon: pushes, moves to another host, other terms. */
export function addPushRoutes(app: FastifyInstance, platform: Platform): void {
  app.post("/twin/push", (request, reply) =>
    carryOut(reply, pushSchema.safeParse(request.body ?? {}), (asked) => push(platform, asked)),
  );
  app.post("/twin/move", (request, reply) =>
    carryOut(reply, moveSchema.safeParse(request.body ?? {}), (asked) => ({
      deploymentId: move(platform, asked.service),
    })),
  );
  app.post("/twin/terms", (request, reply) =>
    carryOut(reply, someTerms.safeParse(request.body ?? {}), (asked) => setTerms(platform, asked)),
  );
}

const moveSchema = z.strictObject({ service: z.string().min(1).default("tradesense-backend") });

const someTerms = termsSchema.partial();

/** A push to the branch: a release, and a deployment of it where autodeploy is on. */
export function push(platform: Platform, asked: Push): Pushed {
  const service = serviceNamed(platform.services, asked.service);
  const { current } = service;
  if (!service.runsCode) throw new FaultRefused(`${service.name} has no repository.`);
  const repo = current.release.repo ?? "";
  const release = releaseOf(asked, repo, platform.releases.length);
  const commit = release.commit ?? "";
  const known = platform.releases.find((it) => it.commit === commit);
  // A commit that is pushed again is the same one, whatever else is asked for.
  if (known === undefined) platform.releases.push(release);
  current.release = known ?? release;
  const given = Object.entries(asked.settings).filter(([, value]) => value !== undefined);
  service.configure({ ...current.settings, ...Object.fromEntries(given) });
  if (!current.autodeploy) return { commit, deploymentId: null };
  const recipe = { ...asConfigured(service, "deploy"), release: current.release };
  const made = service.deploy(recipe);
  if (asked.skipped) {
    made.abort();
    made.report("SKIPPED");
  }
  return { commit, deploymentId: made.id };
}

/** Railway moves the service to another host: a deployment nobody asked for, of the same commit. */
export function move(platform: Platform, name: string): string {
  const service = serviceNamed(platform.services, name);
  const { recipe } = service.live;
  return service.deploy({ ...recipe, reason: "migrate", build: false }).id;
}

/** Changes how the platform behaves from now on. */
export function setTerms(platform: Platform, terms: z.input<typeof someTerms>): Terms {
  const given = Object.entries(terms).filter(([, value]) => value !== undefined);
  return Object.assign(platform.terms, Object.fromEntries(given));
}

function carryOut<T>(
  reply: FastifyReply,
  read: z.ZodSafeParseResult<T>,
  step: (asked: T) => object,
): FastifyReply {
  if (!read.success) {
    return reply.code(400).send({ ok: false, error: `Expected: ${z.prettifyError(read.error)}` });
  }
  try {
    return reply.send({ ok: true, ...step(read.data) });
  } catch (error) {
    if (!(error instanceof FaultRefused)) throw error;
    return reply.code(400).send({ ok: false, error: error.message });
  }
}
