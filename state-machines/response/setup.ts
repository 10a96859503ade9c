import { assign, setup } from "xstate";

import { type Before, effects, type MachineEvent } from "../vocabulary.ts";
import type { Context, Limits } from "./context.ts";

/** What all responses can do, ask themselves and wait for. */
export const base = setup({
  types: {
    context: {} as Context,
    events: {} as MachineEvent,
    input: {} as { readonly limits: Limits; readonly before?: Before },
  },
  actions: {
    ...effects,
    countConfirm: assign({ confirms: ({ context }) => context.confirms + 1 }),
    forgetConfirms: assign({ confirms: 0 }),
    countWait: assign({
      waits: ({ context }) => Math.min(context.waits + 1, context.limits.waitsMax),
    }),
    countAsk: assign({ asks: ({ context }) => context.asks + 1 }),
    countAct: assign({ acts: ({ context }) => context.acts + 1 }),
    countUndo: assign({ undos: ({ context }) => context.undos + 1 }),
    countHealthy: assign({
      healthy: ({ context }) => Math.min(context.healthy + 1, context.limits.samplesMin),
    }),
    forgetHealthy: assign({ healthy: 0 }),
    forgetUndos: assign({ undos: 0 }),
    forgetWaits: assign({ waits: 0 }),
    noteFailing: assign({ stillFailing: true }),
    forgetFailing: assign({ stillFailing: false }),
    noteHelped: assign({ helped: true }),
    forgetHelped: assign({ helped: false }),
    noteTold: assign({
      told: ({ context, event }) =>
        "code" in event ? [...context.told, event.code] : context.told,
    }),
    forgetTold: assign({ told: [] }),
    markAnnounced: assign({ announced: true }),
    markContained: assign({ contained: true }),
    markUndone: assign({ contained: false }),
    choose: assign({ slot: (_, params: { readonly slot: Context["slot"] }) => params.slot }),
    thenDo: assign({ next: (_, params: { readonly next: Context["next"] }) => params.next }),
    noteCause: assign({
      cause: ({ context, event }) => (event.type === "inspect.seen" ? event.cause : context.cause),
    }),
    noteReason: assign({
      reason: ({ context, event }) => ("code" in event ? event.code : context.reason),
    }),
    giveReason: assign({ reason: (_, params: { readonly reason: string }) => params.reason }),
  },
  guards: {
    saysDown: ({ event }) => event.type === "confirm.seen" && event.answer === "down",
    // While something is on from before, only samples of our own are enough.
    saysUpAndIsClear: ({ context, event }) =>
      event.type === "confirm.seen" && event.answer === "up" && !context.contained,
    mayConfirmAgain: ({ context }) => context.confirms < (context.limits.confirmsMax ?? 0),
    advises: ({ event }, params: { readonly advice: string }) =>
      event.type === "inspect.seen" && event.advice === params.advice,
    mayWaitAgain: ({ context }) => context.waits < context.limits.waitsMax,
    mayAsk: ({ context }) => isAskLeft(context),
    mayNotAsk: ({ context }) => !isAskLeft(context),
    choseFallback: ({ context }) => context.slot === "fallback",
    mayUndoAgain: ({ context }) => context.undos < context.limits.undosMax,
    isAnnounced: ({ context }) => context.announced,
    isUnannounced: ({ context }) => !context.announced,
    isReturned: ({ context }) => context.returned,
    isContained: ({ context }) => context.contained,
    // Something that a remedy added is there; a fallback is taken back at once.
    isSustained: ({ context }) =>
      context.contained && context.acts > 0 && context.slot === "remedy",
    // The sample at hand is counted by the transition itself, so one less is needed before it.
    isHealthyEnough: ({ context }) => context.healthy + 1 >= context.limits.samplesMin,
    isUntold: ({ context, event }) => "code" in event && !context.told.includes(event.code),
    isStillFailing: ({ context }) => context.stillFailing,
    isStillFailingAndMayAsk: ({ context }) => context.stillFailing && isAskLeft(context),
    // What came back may have left something on without having been confirmed this time.
    isToSoakUnannounced: ({ context }) => context.next === "soak" && !context.announced,
    isToSoak: ({ context }) => context.next === "soak",
    isToResolve: ({ context }) => context.next === "resolve",
    isToAttach: ({ context }) => context.next === "attach",
  },
  delays: {
    look: ({ context }) => context.limits.lookMs,
    confirmAgain: ({ context }) => context.limits.confirmAgainMs ?? 0,
    contain: ({ context }) => context.limits.containMs ?? 0,
    wait: ({ context }) => context.limits.waitMs,
    verify: ({ context }) => context.limits.verifyMs,
    undoAgain: ({ context }) => context.limits.undoAgainMs,
    sustain: ({ context }) => context.limits.sustainMs ?? 0,
    soak: ({ context }) => context.limits.soakMs,
  },
});

/** What else is heard of the signal while healthy samples in a row are counted. */
export const notHealthy = {
  "signal.breached": { actions: "forgetHealthy" },
  "signal.missing": { actions: "forgetHealthy" },
  "signal.inconclusive": { actions: "forgetHealthy" },
} as const;

function isAskLeft({ asks, acts, limits: { asksMax = 0, actsMax = 0 } }: Context): boolean {
  return asks < asksMax && acts < actsMax;
}
