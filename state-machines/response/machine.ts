import type { MachineDefinition } from "../vocabulary.ts";
import { boundsOf, freshContext } from "./context.ts";
import { acting, reconsidering, verifying } from "./acting.ts";
import { attached, escalated, falseAlarm, keeping, resolved } from "./ends.ts";
import {
  confirming,
  containing,
  deciding,
  dismissing,
  informing,
  inspecting,
  waiting,
} from "./finding-out.ts";
import { base } from "./setup.ts";
import {
  leaving,
  recovered,
  recovering,
  relapsing,
  settling,
  soaking,
  sustaining,
  undoing,
} from "./winding-down.ts";

/** In the order in which they are thought of. */
const SLOTS_OF_ACTS = ["remedy", "fallback"] as const;

/** How a kind of incident differs from the others; everything else is the same for all of them. */
export interface Shape extends Omit<MachineDefinition, "machine" | "bounds"> {
  readonly id: string;
  /** A second, independent path has to agree before anything is done. For what one look can get wrong. */
  readonly confirms: boolean;
  /** There is something that limits the damage at once (slot `contain`). */
  readonly contains: boolean;
  /** What was contained stays so after the recovery until a person releases it. */
  readonly keeps: boolean;
  /** What the remedy added (more replicas) stays until it has been well for long, because the load may still be there. */
  readonly sustains?: boolean;
}

/**
 * The response to an incident, from its opening to its end:
 *
 *   confirming   a second, independent path must agree (where one look can be wrong)
 *   dismissing   it was nothing
 *   containing   limit the damage: read-only mode, shed load, freeze deployments (where there is such a thing)
 *   informing    people are told
 *   inspecting   what do platform and signals say? the diagnosis advises
 *   waiting      it may heal by itself, or something is under way: look again
 *   remedying    the remedy, asked for (and perhaps withheld), then under way
 *   fallingBack  the same with the second remedy
 *   verifying    the act happened; did it help? fresh healthy samples decide
 *   escalated    a person has it; Signalman goes on watching for recovery
 *   recovering   it came back without us
 *   sustaining   it is well with what the remedy added, which stays for a while
 *   undoing      what was switched on, scaled up or frozen is taken back, and read back
 *   soaking, settling  does it stay well?
 *   keeping      it is well; what contains it stays until a person releases it
 *
 * Ends: resolved, falseAlarm, attached (it turned out to be a symptom of another incident).
 */
export function respond(shape: Shape): MachineDefinition {
  const { id, confirms, contains, keeps, sustains = false, ...known } = shape;
  const slots = SLOTS_OF_ACTS.filter((slot) => known.rules.some(({ advice }) => advice === slot));
  const first = confirms ? "confirming" : contains ? "containing" : "informing";
  const again = contains ? "containing" : "inspecting";
  const relapse = relapsing(again, confirms);
  const calm = keeps ? "soaking" : sustains ? "recovered" : "undoing";
  const machine = base.createMachine({
    id,
    initial: first,
    context: ({ input }) => freshContext(input?.limits, input?.before),
    on: {
      // A person may come between before anybody knows how it ended, and what they had to approve begins whenever they do.
      ...(contains ? { "contain.started": { actions: "markContained" as const } } : {}),
      "person.took": {
        target: ".escalated",
        actions: [
          { type: "thenDo", params: { next: "soak" } },
          { type: "giveReason", params: { reason: "taken" } },
        ],
      },
      "person.resolved": {
        target: ".undoing",
        actions: { type: "thenDo", params: { next: "resolve" } },
      },
      "upstream.opened": {
        target: ".undoing",
        actions: { type: "thenDo", params: { next: "attach" } },
      },
    },
    states: {
      ...(confirms ? { confirming: confirming(contains), dismissing } : {}),
      ...(contains ? { containing } : {}),
      informing: informing(contains),
      inspecting: inspecting(slots),
      waiting,
      ...(slots.length > 0
        ? { deciding: deciding(slots), reconsidering, verifying: verifying(calm) }
        : {}),
      ...(slots.includes("remedy") ? { remedying: acting("remedy") } : {}),
      ...(slots.includes("fallback") ? { fallingBack: acting("fallback") } : {}),
      escalated: escalated(calm),
      recovering: recovering(calm),
      ...(sustains ? { recovered, sustaining: sustaining(relapse) } : {}),
      undoing: contains || slots.length > 0 ? undoing(again, { keeps, confirms }) : leaving,
      soaking: soaking(relapse),
      settling: settling(relapse, keeps),
      ...(keeps ? { keeping: keeping(relapse) } : {}),
      resolved,
      ...(confirms ? { falseAlarm } : {}),
      attached,
    },
  });
  return { ...known, machine, bounds: boundsOf({ ...shape, acts: slots.length > 0 }) };
}
