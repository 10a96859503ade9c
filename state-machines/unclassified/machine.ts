import { assign, setup } from "xstate";

import { type Before, effects, type MachineDefinition, type MachineEvent } from "../vocabulary.ts";

/**
 * A failure that no machine of its own handles yet: people are told when it begins and when it is over, and
 * nothing is touched. An upstream that turns out to explain it takes it over.
 *
 * What only somebody outside says (`hinted`) cannot be looked at: it ends when the source calls it over, or when it was
 * silent for so long that nobody can still mean it.
 */
export interface Limits {
  readonly samplesMin: number;
  readonly quietMs: number;
}

interface Context {
  readonly limits: Limits;
  readonly healthy: number;
  /** It was over and came back: people are told so. */
  readonly returned: boolean;
}

const machine = setup({
  types: {
    context: {} as Context,
    events: {} as MachineEvent,
    input: {} as { readonly limits: Limits; readonly before?: Before },
  },
  actions: {
    ...effects,
    countHealthy: assign({
      healthy: ({ context }) => Math.min(context.healthy + 1, context.limits.samplesMin),
    }),
    forgetHealthy: assign({ healthy: 0 }),
  },
  delays: {
    quiet: ({ context }) => context.limits.quietMs,
  },
  guards: {
    isHealthyEnough: ({ context }) => context.healthy + 1 >= context.limits.samplesMin,
  },
}).createMachine({
  id: "unclassified",
  initial: "watching",
  context: ({ input }) => ({
    limits: input?.limits,
    healthy: 0,
    returned: input?.before?.returned ?? false,
  }),
  states: {
    watching: {
      tags: "person",
      entry: {
        type: "tell",
        params: ({ context }) => ({ notice: context.returned ? "relapsed" : "opened" }),
      },
      on: {
        "signal.healthy": [
          { guard: "isHealthyEnough", target: "resolved" },
          { actions: "countHealthy" },
        ],
        "signal.breached": { actions: "forgetHealthy" },
        "signal.missing": { actions: "forgetHealthy" },
        "signal.inconclusive": { actions: "forgetHealthy" },
        "upstream.opened": "attached",
        "person.resolved": "resolved",
        "hint.firing": "hinted",
      },
    },
    hinted: {
      tags: "person",
      after: { quiet: "resolved" },
      on: {
        "hint.firing": {
          target: "hinted",
          reenter: true,
          actions: { type: "tell", params: { notice: "opened" } },
        },
        "hint.again": { target: "hinted", reenter: true },
        "hint.resolved": "resolved",
        "person.resolved": "resolved",
      },
    },
    resolved: { type: "final", entry: { type: "tell", params: { notice: "resolved" } } },
    attached: { type: "final", entry: { type: "tell", params: { notice: "attached" } } },
  },
});

export const definition: MachineDefinition = {
  machine,
  version: 3,
  bounds: ["samplesMin", "quietMs"],
  rules: [],
};
