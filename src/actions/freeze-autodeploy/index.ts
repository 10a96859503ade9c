import { z } from "zod";

import { type Attempt, isRecheck } from "../../domain/attempt.ts";
import { problem } from "../../domain/problem.ts";
import { SECOND_MS } from "../../domain/time.ts";
import type { Answer, Preparation, Sighting } from "../../ports/action.ts";
import { answerOf, blocked, onService, recheckAnswer, type Place } from "../acting.ts";
import type { ActionDefinition } from "../definition.ts";

/**
 * Turns deploys on push off (`value: on`, frozen) or on again, so that the next push does not ship the bad release once more.
 * Setting it twice is harmless. Whether it was on before is found out once, at the first try: a freeze that finds it
 * off already has nothing to take back. `recheck` only asks whether they are still off.
 */
export const definition: ActionDefinition = {
  traits: {
    kind: "freeze-autodeploy",
    effect: "reversible",
    repeat: "idempotent",
    deadlineMs: 20 * SECOND_MS,
    settleMs: 60 * SECOND_MS,
    words: {
      held: "Deploys on push: off until a person releases them (signalman resolve {incident}).",
      released: "Deploys on push: on again.",
    },
  },
  with: z.strictObject({ value: z.enum(["on", "off"]) }),
  create({ finder }) {
    const conduct = onService(finder, { prepare, perform, sight });
    // A second try after a crash would find its own freeze.
    const isKnown = ({ tries, plan }: Attempt) => tries > 0 && plan["serviceId"] !== undefined;
    return {
      ...conduct,
      prepare: async (attempt, signal) =>
        isKnown(attempt) ? { plan: attempt.plan } : conduct.prepare(attempt, signal),
    };
  },
};

async function prepare(
  { railway, serviceId, call }: Place,
  attempt: Attempt,
): Promise<Preparation> {
  const state = await railway.acts.autodeploy(serviceId, call);
  if (!state.ok) return blocked(state.problem);
  const { enabled, canEnable, reason } = state.value;
  const isFreeze = wantsFrozen(attempt);
  const plan = { serviceId, enabledBefore: enabled };
  if (isRecheck(attempt)) return { plan: { ...plan, undo: null } };
  if (!isFreeze) return { plan: { ...plan, undo: null } };
  if (enabled && !canEnable) {
    const { code, detail } = problem("autodeploy-locked", reason ?? undefined);
    return { plan: { ...plan, undo: null, refusal: { code, detail } } };
  }
  return { plan: { ...plan, undo: enabled ? { value: "off" } : null } };
}

async function perform({ railway, serviceId, call }: Place, attempt: Attempt): Promise<Answer> {
  if (isRecheck(attempt))
    return recheckAnswer(attempt.plan["enabledBefore"] === true ? IS_ON : null);
  const enabled = !wantsFrozen(attempt);
  if (attempt.plan["enabledBefore"] === enabled) {
    const word = enabled ? "on" : "off";
    return { kind: "done", evidence: { shown: [`deploys on push were ${word} already`] } };
  }
  const answer = await railway.acts.setAutodeploy(serviceId, enabled, call);
  return answerOf(answer, () => ({ answer: `serviceInstanceAutoDeployUpdate says ${enabled}` }));
}

async function sight({ railway, serviceId, call }: Place, attempt: Attempt): Promise<Sighting> {
  const state = await railway.acts.autodeploy(serviceId, call);
  if (!state.ok) return { kind: "withheld", problem: state.problem };
  const { enabled } = state.value;
  const words = `Railway says that deploys on push are ${enabled ? "on" : "off"}`;
  return enabled === wantsFrozen(attempt)
    ? { kind: "nothing", evidence: { looked: words } }
    : { kind: "seen", evidence: { shown: [words] } };
}

const IS_ON = "deploys on push are on again, and not by me";

function wantsFrozen(attempt: Attempt): boolean {
  return attempt.params["value"] === "on";
}
