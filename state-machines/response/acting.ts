import type { Context } from "./context.ts";
import { base, notHealthy } from "./setup.ts";

/** One act: asked for, perhaps withheld by a safeguard or a mode, then under way until there is evidence. */
export const acting = (slot: Context["slot"]) =>
  base.createStateConfig({
    initial: "asked",
    exit: "forgetTold",
    entry: ["countAsk", "forgetWaits", { type: "ask", params: { slot } }],
    on: {
      [`${slot}.seen`]: { target: "verifying", actions: "countAct" },
      [`${slot}.unknown`]: { target: "escalated", actions: ["countAct", "noteReason"] },
      [`${slot}.failed`]: { target: "reconsidering", actions: "noteReason" },
      [`${slot}.dropped`]: { target: "escalated", actions: "noteReason" },
    },
    states: {
      asked: {
        on: {
          "signal.healthy": "#recovering",
          [`${slot}.started`]: "acting",
          // One word for each new reason; the same reason twice says nothing new.
          [`${slot}.withheld`]: [
            {
              guard: "isUntold",
              actions: ["noteReason", "noteTold", { type: "tell", params: { notice: "withheld" } }],
            },
            { actions: "noteReason" },
          ],
        },
      },
      acting: {
        // Whatever it leaves behind has to be taken back, also when a person comes between.
        entry: "markContained",
        // What is under way is read back before anything else is made of the incident.
        on: { "upstream.opened": {} },
      },
    },
  });

/** It certainly did not happen: look again before asking again. */
export const reconsidering = base.createStateConfig({
  on: { "signal.healthy": "recovering" },
  after: {
    wait: [{ guard: "mayAsk", target: "inspecting" }, { target: "escalated" }],
  },
});

/** It happened; only fresh samples say whether it helped. */
export const verifying = (calm: string) =>
  base.createStateConfig({
    entry: { type: "tell", params: { notice: "acted" } },
    exit: ["forgetHealthy", "forgetFailing"],
    on: {
      "upstream.opened": {},
      "signal.healthy": [
        {
          guard: "isHealthyEnough",
          target: calm,
          actions: [
            "noteHelped",
            {
              type: "judge",
              params: ({ context }: { context: Context }) => ({
                slot: context.slot,
                as: "effective" as const,
              }),
            },
          ],
        },
        { actions: "countHealthy" },
      ],
      ...notHealthy,
      "signal.breached": { actions: ["forgetHealthy", "noteFailing"] },
    },
    after: {
      verify: [
        {
          guard: "isStillFailingAndMayAsk",
          target: "inspecting",
          actions: judge("ineffective"),
        },
        {
          guard: "isStillFailing",
          target: "escalated",
          actions: [
            judge("ineffective"),
            { type: "giveReason", params: { reason: "remedy-ineffective" } },
          ],
        },
        // Nothing was seen to fail and not enough was seen to be well: that is no judgement.
        {
          target: "escalated",
          actions: [
            judge("unknown"),
            { type: "giveReason", params: { reason: "no-fresh-samples" } },
          ],
        },
      ],
    },
  });

function judge(as: "effective" | "ineffective" | "unknown") {
  return {
    type: "judge" as const,
    params: ({ context }: { context: Context }) => ({ slot: context.slot, as }),
  };
}
