import type { ActionTraits, Attempt } from "../../domain/attempt.ts";
import { problem } from "../../domain/problem.ts";
import type { Action, Answer, Preparation, Sighting } from "../../ports/action.ts";
import type { Call } from "../../railway/graphql.ts";
import { answerOf, blocked, refusalOf } from "../acting.ts";
import type { ServiceFinder } from "../service-finder.ts";

export interface FreezeParts {
  readonly traits: ActionTraits;
  readonly finder: ServiceFinder;
}

/**
 * Turns deploys on push off (`value: on`, frozen) or on again, so that the next push does not ship the bad release once more.
 * Setting it twice is harmless. Whether it was on before is found out once, at the first try: a freeze that finds it
 * off already has nothing to take back.
 */
export function createFreeze(parts: FreezeParts): Action {
  return {
    traits: parts.traits,
    prepare: async (attempt, signal) => prepare(parts, attempt, { signal, purpose: "act" }),
    perform: async (attempt, signal) => perform(parts, attempt, { signal, purpose: "act" }),
    sight: async (attempt, signal) => sight(parts, attempt, { signal, purpose: "act" }),
  };
}

async function prepare(parts: FreezeParts, attempt: Attempt, call: Call): Promise<Preparation> {
  // A second try after a crash would find its own freeze.
  if (attempt.tries > 0 && attempt.plan["serviceId"] !== undefined) return { plan: attempt.plan };
  const found = await parts.finder(attempt.target, call);
  if (!found.ok) return blocked(found.problem);
  const { railway, serviceId } = found.value;
  const state = await railway.acts.autodeploy(serviceId, call);
  if (!state.ok) return blocked(state.problem);
  const { enabled, canEnable, reason } = state.value;
  const isFreeze = wantsFrozen(attempt);
  const plan = { serviceId, enabledBefore: enabled };
  if (!isFreeze) return { plan: { ...plan, undo: null } };
  if (enabled && !canEnable) {
    const { code, detail } = problem("autodeploy-locked", reason ?? undefined);
    return { plan: { ...plan, undo: null, refusal: { code, detail } } };
  }
  return { plan: { ...plan, undo: enabled ? { value: "off" } : null } };
}

async function perform(parts: FreezeParts, attempt: Attempt, call: Call): Promise<Answer> {
  const refusal = refusalOf(attempt);
  if (refusal !== null) return { kind: "rejected", problem: refusal };
  const found = await parts.finder(attempt.target, call);
  if (!found.ok) return { kind: "rejected", problem: found.problem };
  const enabled = !wantsFrozen(attempt);
  if (attempt.plan["enabledBefore"] === enabled) {
    const word = enabled ? "on" : "off";
    return { kind: "done", evidence: { shown: [`deploys on push were ${word} already`] } };
  }
  const { railway, serviceId } = found.value;
  const answer = await railway.acts.setAutodeploy(serviceId, enabled, call);
  return answerOf(answer, () => ({ answer: `serviceInstanceAutoDeployUpdate says ${enabled}` }));
}

async function sight(parts: FreezeParts, attempt: Attempt, call: Call): Promise<Sighting> {
  const found = await parts.finder(attempt.target, call);
  if (!found.ok) return { kind: "withheld", problem: found.problem };
  const { railway, serviceId } = found.value;
  const state = await railway.acts.autodeploy(serviceId, call);
  if (!state.ok) return { kind: "withheld", problem: state.problem };
  const { enabled } = state.value;
  const words = `Railway says that deploys on push are ${enabled ? "on" : "off"}`;
  return enabled === wantsFrozen(attempt)
    ? { kind: "nothing", evidence: { looked: words } }
    : { kind: "seen", evidence: { shown: [words] } };
}

function wantsFrozen(attempt: Attempt): boolean {
  return attempt.params["value"] === "on";
}
