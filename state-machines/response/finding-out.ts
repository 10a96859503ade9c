import type { Context } from "./context.ts";
import { base, notHealthy } from "./setup.ts";

/** A second path has to agree before anything is done. */
export const confirming = (contains: boolean) =>
  base.createStateConfig({
    id: "confirming",
    initial: "looking",
    exit: ["forgetConfirms", "forgetHealthy"],
    // One good look is not yet a recovery: a target that flaps would be a false alarm each time.
    on: {
      "signal.healthy": [
        { guard: "isHealthyEnough", target: "#dismissing" },
        { actions: "countHealthy" },
      ],
      ...notHealthy,
    },
    states: {
      looking: {
        entry: ["countConfirm", { type: "ask", params: { slot: "confirm" } }],
        on: {
          "confirm.seen": [
            { guard: "saysDown", target: contains ? "#containing" : "#informing" },
            { guard: "saysUpAndIsClear", target: "#falseAlarm" },
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
              target: "#escalated",
              actions: { type: "giveReason", params: { reason: "unconfirmed" } },
            },
          ],
        },
      },
    },
  });

/** It was nothing. What is still on from the time before it came back is taken back first. */
export const dismissing = base.createStateConfig({
  id: "dismissing",
  always: [
    {
      guard: "isContained",
      target: "undoing",
      actions: { type: "thenDo", params: { next: "resolve" } },
    },
    { target: "falseAlarm" },
  ],
});

export const containing = base.createStateConfig({
  id: "containing",
  entry: { type: "ask", params: { slot: "contain" } },
  on: {
    "contain.seen": { target: "informing", actions: "markContained" },
    // Nobody knows whether it is on, so it has to be switched off in the end.
    "contain.unknown": { target: "informing", actions: "markContained" },
    "contain.failed": "informing",
    "contain.withheld": "informing",
    "contain.dropped": "informing",
  },
  after: { contain: { target: "informing", actions: "markContained" } },
});

/** What contains is asked for again after a relapse, and then people know already. */
export const informing = (contains: boolean) =>
  base.createStateConfig({
    id: "informing",
    always: [
      ...(contains ? [{ guard: "isAnnounced" as const, target: "inspecting" }] : []),
      {
        guard: "isReturned",
        target: "inspecting",
        actions: ["markAnnounced", { type: "tell", params: { notice: "relapsed" } }],
      },
      {
        target: "inspecting",
        actions: ["markAnnounced", { type: "tell", params: { notice: "opened" } }],
      },
    ],
  });

/** What do platform and signals say? `slots`: what the diagnoses of this kind may ask for. */
export const inspecting = (slots: readonly Context["slot"][]) =>
  base.createStateConfig({
    entry: { type: "ask", params: { slot: "inspect" } },
    on: {
      "signal.healthy": "recovering",
      "inspect.seen": [
        ...slots.map((slot) => ({
          guard: { type: "advises" as const, params: { advice: slot } },
          target: "deciding",
          actions: ["noteCause" as const, { type: "choose" as const, params: { slot } }],
        })),
        {
          guard: { type: "advises", params: { advice: "wait" } },
          target: "waiting",
          actions: "noteCause",
        },
        {
          guard: { type: "advises", params: { advice: "hand-over" } },
          target: "undoing",
          actions: ["noteCause", { type: "thenDo", params: { next: "attach" } }],
        },
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
  });

export const deciding = (slots: readonly Context["slot"][]) =>
  base.createStateConfig({
    always: [
      {
        guard: "mayNotAsk",
        target: "escalated",
        actions: { type: "giveReason", params: { reason: "remedy-exhausted" } },
      },
      ...(slots.length > 1 ? [{ guard: "choseFallback" as const, target: "fallingBack" }] : []),
      { target: slots.includes("remedy") ? "remedying" : "fallingBack" },
    ],
  });

export const waiting = base.createStateConfig({
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
});
