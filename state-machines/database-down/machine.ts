import { assign, setup } from "xstate";

import { effects, type MachineEvent } from "../vocabulary.ts";

/**
 * The database does not answer.
 *
 *   confirming  a second, independent path must agree before anything is done
 *   containing  read-only mode: writes are refused with a message instead of failing one by one
 *   informing   people are told
 *   inspecting  what does the platform say? restart only what is crashed or not answering
 *   waiting     it is recovering, or a deployment is under way: look again
 *   remedying   one restart, asked for (and perhaps withheld), then under way
 *   verifying   the restart happened; did it help? fresh healthy samples decide
 *   escalated   a person has it; Signalman goes on watching for recovery
 *   undoing     read-only off again, and read back
 *   soaking     does it stay well?
 *
 * Ends: resolved, falseAlarm. Bounds (`limits`) come from the runbook.
 */
export interface Limits {
  readonly lookMs: number;
  readonly confirmAgainMs: number;
  readonly confirmsMax: number;
  readonly containMs: number;
  readonly waitMs: number;
  readonly waitsMax: number;
  readonly asksMax: number;
  readonly actsMax: number;
  readonly verifyMs: number;
  readonly samplesMin: number;
  readonly undoAgainMs: number;
  readonly undosMax: number;
  readonly soakMs: number;
}

interface Context {
  readonly limits: Limits;
  readonly confirms: number;
  readonly waits: number;
  /** How often the remedy was asked for, and how often it was seen to have happened. */
  readonly asks: number;
  readonly acts: number;
  readonly undos: number;
  /** Fresh healthy samples in a row. */
  readonly healthy: number;
  /** People have been told that it opened; a relapse says so in its own words. */
  readonly announced: boolean;
  /** Some switch may be on. */
  readonly contained: boolean;
  /** Since the act was seen, samples still failed. */
  readonly stillFailing: boolean;
  /** The present recovery is the act's doing: judged effective and not relapsed since. */
  readonly helped: boolean;
  /** Reasons for which people were told that the present act is withheld. */
  readonly told: readonly string[];
  readonly cause: string | null;
  /** Why a person was called or an act is withheld: a problem code or one of this machine's own words. */
  readonly reason: string | null;
}

export const version = 1;

export const machine = setup({
  types: {
    context: {} as Context,
    events: {} as MachineEvent,
    input: {} as { readonly limits: Limits },
  },
  actions: {
    ...effects,
    countConfirm: assign({ confirms: ({ context }) => context.confirms + 1 }),
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
    saysUp: ({ event }) => event.type === "confirm.seen" && event.answer === "up",
    mayConfirmAgain: ({ context }) => context.confirms < context.limits.confirmsMax,
    advisesRestart: ({ event }) => event.type === "inspect.seen" && event.advice === "restart",
    advisesWait: ({ event }) => event.type === "inspect.seen" && event.advice === "wait",
    mayWaitAgain: ({ context }) => context.waits < context.limits.waitsMax,
    mayAsk: ({ context }) =>
      context.asks < context.limits.asksMax && context.acts < context.limits.actsMax,
    mayUndoAgain: ({ context }) => context.undos < context.limits.undosMax,
    isAnnounced: ({ context }) => context.announced,
    isContained: ({ context }) => context.contained,
    // The sample at hand is counted by the transition itself, so one less is needed before it.
    isHealthyEnough: ({ context }) => context.healthy + 1 >= context.limits.samplesMin,
    isUntold: ({ context, event }) => "code" in event && !context.told.includes(event.code),
    isStillFailing: ({ context }) => context.stillFailing,
    isStillFailingAndMayAsk: ({ context }) =>
      context.stillFailing &&
      context.asks < context.limits.asksMax &&
      context.acts < context.limits.actsMax,
  },
  delays: {
    look: ({ context }) => context.limits.lookMs,
    confirmAgain: ({ context }) => context.limits.confirmAgainMs,
    contain: ({ context }) => context.limits.containMs,
    wait: ({ context }) => context.limits.waitMs,
    verify: ({ context }) => context.limits.verifyMs,
    undoAgain: ({ context }) => context.limits.undoAgainMs,
    soak: ({ context }) => context.limits.soakMs,
  },
}).createMachine({
  id: "database-down",
  initial: "confirming",
  context: ({ input }) => ({
    limits: input?.limits,
    confirms: 0,
    waits: 0,
    asks: 0,
    acts: 0,
    undos: 0,
    healthy: 0,
    announced: false,
    contained: false,
    stillFailing: false,
    helped: false,
    told: [],
    cause: null,
    reason: null,
  }),
  states: {
    confirming: {
      initial: "looking",
      on: {
        "signal.healthy": "falseAlarm",
      },
      states: {
        looking: {
          entry: ["countConfirm", { type: "ask", params: { slot: "confirm" } }],
          on: {
            "confirm.seen": [
              { guard: "saysDown", target: "#database-down.containing" },
              { guard: "saysUp", target: "#database-down.falseAlarm" },
              { target: "doubting" },
            ],
            "confirm.failed": "doubting",
            "confirm.unknown": "doubting",
            "confirm.dropped": "doubting",
          },
          after: { look: "doubting" },
        },
        doubting: {
          after: {
            confirmAgain: [
              { guard: "mayConfirmAgain", target: "looking" },
              {
                target: "#database-down.escalated",
                actions: { type: "giveReason", params: { reason: "unconfirmed" } },
              },
            ],
          },
        },
      },
    },

    containing: {
      entry: { type: "ask", params: { slot: "contain" } },
      on: {
        "contain.seen": { target: "informing", actions: "markContained" },
        // Nobody knows whether the switch is on, so it has to be switched off in the end.
        "contain.unknown": { target: "informing", actions: "markContained" },
        "contain.failed": "informing",
        "contain.withheld": "informing",
        "contain.dropped": "informing",
      },
      after: { contain: { target: "informing", actions: "markContained" } },
    },

    informing: {
      always: [
        { guard: "isAnnounced", target: "inspecting" },
        {
          target: "inspecting",
          actions: ["markAnnounced", { type: "tell", params: { notice: "opened" } }],
        },
      ],
    },

    inspecting: {
      entry: { type: "ask", params: { slot: "inspect" } },
      on: {
        "signal.healthy": "recovering",
        "inspect.seen": [
          {
            guard: "advisesRestart",
            target: "deciding",
            actions: "noteCause",
          },
          { guard: "advisesWait", target: "waiting", actions: "noteCause" },
          {
            target: "escalated",
            actions: ["noteCause", { type: "giveReason", params: { reason: "nothing-to-do" } }],
          },
        ],
        // One answer that did not come is no reason to give up.
        "inspect.failed": [
          { guard: "mayWaitAgain", target: "waiting", actions: "noteReason" },
          { target: "escalated", actions: "noteReason" },
        ],
        "inspect.unknown": [
          { guard: "mayWaitAgain", target: "waiting", actions: "noteReason" },
          { target: "escalated", actions: "noteReason" },
        ],
        "inspect.dropped": { target: "escalated", actions: "noteReason" },
      },
      after: {
        look: {
          target: "escalated",
          actions: { type: "giveReason", params: { reason: "platform-silent" } },
        },
      },
    },

    deciding: {
      always: [
        { guard: "mayAsk", target: "remedying" },
        {
          target: "escalated",
          actions: { type: "giveReason", params: { reason: "remedy-exhausted" } },
        },
      ],
    },

    waiting: {
      entry: "countWait",
      on: { "signal.healthy": "recovering" },
      after: {
        wait: [
          { guard: "mayWaitAgain", target: "inspecting" },
          {
            target: "escalated",
            actions: { type: "giveReason", params: { reason: "waited-in-vain" } },
          },
        ],
      },
    },

    remedying: {
      initial: "asked",
      entry: ["countAsk", "forgetWaits", "forgetTold", { type: "ask", params: { slot: "remedy" } }],
      on: {
        "remedy.seen": { target: "verifying", actions: "countAct" },
        "remedy.unknown": { target: "escalated", actions: ["countAct", "noteReason"] },
        "remedy.failed": { target: "reconsidering", actions: "noteReason" },
        "remedy.dropped": { target: "escalated", actions: "noteReason" },
      },
      states: {
        asked: {
          on: {
            "signal.healthy": "#database-down.recovering",
            "remedy.started": "acting",
            // One word for each new reason; the same reason twice says nothing new.
            "remedy.withheld": [
              {
                guard: "isUntold",
                actions: [
                  "noteReason",
                  "noteTold",
                  { type: "tell", params: { notice: "withheld" } },
                ],
              },
              { actions: "noteReason" },
            ],
          },
        },
        acting: {},
      },
    },

    /** It certainly did not happen: look again before asking again. */
    reconsidering: {
      on: { "signal.healthy": "recovering" },
      after: {
        wait: [{ guard: "mayAsk", target: "inspecting" }, { target: "escalated" }],
      },
    },

    verifying: {
      entry: ["forgetHealthy", "forgetFailing", { type: "tell", params: { notice: "acted" } }],
      on: {
        "signal.healthy": [
          {
            guard: "isHealthyEnough",
            target: "undoing",
            actions: ["noteHelped", { type: "judge", params: { slot: "remedy", as: "effective" } }],
          },
          { actions: "countHealthy" },
        ],
        "signal.breached": { actions: ["forgetHealthy", "noteFailing"] },
        "signal.missing": { actions: "forgetHealthy" },
        "signal.inconclusive": { actions: "forgetHealthy" },
      },
      after: {
        verify: [
          {
            guard: "isStillFailingAndMayAsk",
            target: "inspecting",
            actions: { type: "judge", params: { slot: "remedy", as: "ineffective" } },
          },
          {
            guard: "isStillFailing",
            target: "escalated",
            actions: [
              { type: "judge", params: { slot: "remedy", as: "ineffective" } },
              { type: "giveReason", params: { reason: "remedy-ineffective" } },
            ],
          },
          // Nothing was seen to fail and not enough was seen to be well: that is no judgement.
          {
            target: "escalated",
            actions: [
              { type: "judge", params: { slot: "remedy", as: "unknown" } },
              { type: "giveReason", params: { reason: "no-fresh-samples" } },
            ],
          },
        ],
      },
    },

    escalated: {
      tags: "person",
      entry: ["forgetHealthy", { type: "tell", params: { notice: "escalated" } }],
      on: {
        "signal.healthy": [
          { guard: "isHealthyEnough", target: "undoing" },
          { actions: "countHealthy" },
        ],
        "signal.breached": { actions: "forgetHealthy" },
        "signal.missing": { actions: "forgetHealthy" },
        "signal.inconclusive": { actions: "forgetHealthy" },
      },
    },

    /** It came back without us: believed after as many fresh samples as after an act. */
    recovering: {
      entry: "forgetHealthy",
      on: {
        "signal.healthy": [
          { guard: "isHealthyEnough", target: "undoing" },
          { actions: "countHealthy" },
        ],
        "signal.breached": "inspecting",
      },
      after: { verify: "inspecting" },
    },

    undoing: {
      entry: ["forgetUndos", "forgetTold"],
      initial: "choosing",
      on: {
        // Read back, or over by its own end while the app was silent.
        "undo.seen": { target: "soaking", actions: "markUndone" },
        "signal.breached": {
          target: "containing",
          actions: [
            "forgetHealthy",
            "forgetHelped",
            { type: "tell", params: { notice: "relapsed" } },
          ],
        },
      },
      states: {
        choosing: {
          always: [
            { guard: "isContained", target: "asking" },
            { target: "#database-down.soaking" },
          ],
        },
        asking: {
          entry: ["countUndo", { type: "ask", params: { slot: "undo" } }],
          on: {
            "undo.failed": "failing",
            "undo.unknown": "failing",
            "undo.dropped": "failing",
            // Only `pause --including-undo` withholds an undo; the lease still ends by itself.
            "undo.withheld": {
              guard: "isUntold",
              actions: ["noteReason", "noteTold", { type: "tell", params: { notice: "withheld" } }],
            },
          },
        },
        failing: {
          after: {
            undoAgain: [
              { guard: "mayUndoAgain", target: "asking" },
              {
                target: "asking",
                actions: ["forgetUndos", { type: "tell", params: { notice: "undo-failed" } }],
              },
            ],
          },
        },
      },
    },

    soaking: {
      on: {
        "signal.breached": {
          target: "containing",
          actions: [
            "forgetHealthy",
            "forgetHelped",
            { type: "tell", params: { notice: "relapsed" } },
          ],
        },
      },
      after: { soak: "settling" },
    },

    /** The soak is over by the clock; the end still needs a healthy sample, because no data is never health. */
    settling: {
      on: {
        "signal.healthy": "resolved",
        "signal.breached": {
          target: "containing",
          actions: [
            "forgetHealthy",
            "forgetHelped",
            { type: "tell", params: { notice: "relapsed" } },
          ],
        },
      },
      after: {
        verify: {
          target: "escalated",
          actions: { type: "giveReason", params: { reason: "no-fresh-samples" } },
        },
      },
    },

    resolved: { type: "final", entry: { type: "tell", params: { notice: "resolved" } } },
    falseAlarm: { type: "final", entry: { type: "tell", params: { notice: "false-alarm" } } },
  },
});
