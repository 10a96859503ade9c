import { textOf, type JsonObject } from "../domain/json.ts";
import type { Attempt } from "../domain/attempt.ts";
import { problem, type Problem } from "../domain/problem.ts";
import type { PlatformFact } from "../domain/facts.ts";
import type { Answer, Preparation } from "../ports/action.ts";
import { isInFlight, liveDeployment } from "../railway/live.ts";
import type { Look } from "../railway/railway.ts";
import type { Result } from "../railway/result.ts";
import type { Deployment } from "../railway/schema.ts";

// What the acts on Railway have in common: how they say that they cannot, and what an answer to a call means.

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
export function refusalOf(attempt: Attempt): Problem | null {
  const refusal = attempt.plan["refusal"];
  if (typeof refusal !== "object" || refusal === null || !("code" in refusal)) return null;
  const { code, detail } = refusal as { code: Problem["code"]; detail: string };
  return problem(code, detail);
}
