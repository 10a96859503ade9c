import { textOf, type JsonObject } from "../domain/json.ts";
import type { Attempt } from "../domain/attempt.ts";
import { problem, type Problem } from "../domain/problem.ts";
import type { PlatformFact } from "../domain/facts.ts";
import type { Answer, Preparation, Sighting } from "../ports/action.ts";
import type { Call } from "../railway/graphql.ts";
import { isInFlight, liveDeployment } from "../railway/live.ts";
import type { Look, Railway } from "../railway/railway.ts";
import { success, type Result } from "../railway/result.ts";
import type { Deployment } from "../railway/schema.ts";
import type { Conduct } from "./definition.ts";
import type { ServiceFinder } from "./service-finder.ts";

// What the acts on Railway have in common: how they say that they cannot, and what an answer to a call means.

/** Where an act happens, and the call that asks there. */
export interface Place {
  readonly railway: Railway;
  readonly serviceId: string;
  readonly call: Call;
}

/**
 * The conduct of an act on the target's service: without a service there is nothing to prepare, the call is rejected, and
 * nobody can see whether it happened. What the preparation refused is never called.
 */
export function onService(
  finder: ServiceFinder,
  act: {
    readonly prepare: (place: Place, attempt: Attempt) => Promise<Preparation>;
    readonly perform: (place: Place, attempt: Attempt) => Promise<Answer>;
    readonly sight: (place: Place, attempt: Attempt) => Promise<Sighting>;
  },
): Conduct {
  const placeOf = async (attempt: Attempt, signal: AbortSignal): Promise<Result<Place>> => {
    const call: Call = { signal, purpose: "act" };
    const found = await finder(attempt.target, call);
    return found.ok ? success({ ...found.value, call }) : found;
  };
  return {
    prepare: async (attempt, signal) => {
      const place = await placeOf(attempt, signal);
      return place.ok ? act.prepare(place.value, attempt) : blocked(place.problem);
    },
    perform: async (attempt, signal) => {
      const refusal = refusalOf(attempt);
      if (refusal !== null) return { kind: "rejected", problem: refusal };
      const place = await placeOf(attempt, signal);
      return place.ok
        ? act.perform(place.value, attempt)
        : { kind: "rejected", problem: place.problem };
    },
    sight: async (attempt, signal) => {
      const place = await placeOf(attempt, signal);
      return place.ok
        ? act.sight(place.value, attempt)
        : { kind: "withheld", problem: place.problem };
    },
  };
}

/** A preparation that found nothing to act on. */
export function blocked(why: Problem): Preparation {
  return {
    plan: { refusal: { code: why.code, detail: why.detail } },
    platform: { status: "unknown", statusDetail: why.detail, obstacle: obstacle(why), seen: {} },
  };
}

/** How the platform says it is, with what speaks against acting now. */
export function platformFact(
  look: Look,
  why: Problem | null,
  more: Pick<PlatformFact, "cap" | "changes"> & { readonly seen?: JsonObject } = {},
): PlatformFact {
  const { seen = {}, cap, changes } = more;
  return {
    status: look.platform.state,
    statusDetail: look.platform.detail,
    obstacle: why === null ? null : obstacle(why),
    seen,
    ...(cap === undefined ? {} : { cap }),
    ...(changes === undefined ? {} : { changes }),
  };
}

function obstacle({ code, detail }: Problem): NonNullable<PlatformFact["obstacle"]> {
  return { code, detail };
}

/** What an answer to a mutation means for the ledger. */
export function answerOf<T>(result: Result<T>, evidence: (value: T) => JsonObject): Answer {
  if (result.ok) return { kind: "accepted", evidence: evidence(result.value) };
  return result.ambiguous === true
    ? { kind: "unclear", problem: result.problem }
    : { kind: "rejected", problem: result.problem };
}

/** What was found when that was asked. `gone`: in words, that it does not stand any more; null: it does. */
export function recheckAnswer(gone: string | null): Answer {
  return gone === null
    ? { kind: "rejected", problem: problem("still-stands") }
    : { kind: "done", evidence: { shown: [gone] } };
}

/** The one that serves, by everything a look shows. */
export function liveIn(look: Look): Deployment | null {
  const deployments = look.deployments.ok ? look.deployments.value : undefined;
  return look.service.ok ? liveDeployment(look.service.value, deployments) : null;
}

/** A deployment on its way beside the one that serves. */
export function inFlightBeside(look: Look, live: Deployment | null): Deployment | null {
  if (live !== null && isInFlight(live)) return live;
  const deployments = look.deployments.ok ? look.deployments.value : [];
  return deployments.find((one) => one.id !== live?.id && isInFlight(one)) ?? null;
}

/** A text of the plan that an attempt cannot have started without. */
export function planned(attempt: Attempt, key: string): string {
  const value = textOf(attempt.plan[key]);
  if (value === "") throw new Error(`attempt ${attempt.id} was started without ${key}`);
  return value;
}

/** Why the preparation found that this must not be called, if it did. */
function refusalOf(attempt: Attempt): Problem | null {
  const refusal = attempt.plan["refusal"];
  if (typeof refusal !== "object" || refusal === null || !("code" in refusal)) return null;
  const { code, detail } = refusal as { code: Problem["code"]; detail: string };
  return problem(code, detail);
}
