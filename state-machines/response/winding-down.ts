import { base, notHealthy } from "./setup.ts";

const relapseTo = <T extends string>(target: T) => ({
  target,
  actions: [
    "forgetHelped" as const,
    { type: "tell" as const, params: { notice: "relapsed" as const } },
  ],
});

/**
 * Failing again after it was well: contained or looked at anew, and people are told in other words. What no second path ever agreed
 * to has to be confirmed first.
 */
export const relapsing = (again: string, confirms: boolean) => [
  ...(confirms ? [{ guard: "isUnannounced" as const, ...relapseTo("#confirming") }] : []),
  relapseTo(again),
];
export type Relapse = ReturnType<typeof relapsing>;

/** It came back without us: believed after as many fresh samples as after an act. */
export const recovering = (calm: string) =>
  base.createStateConfig({
    id: "recovering",
    exit: "forgetHealthy",
    on: {
      ...notHealthy,
      "signal.healthy": [{ guard: "isHealthyEnough", target: calm }, { actions: "countHealthy" }],
      "signal.breached": "inspecting",
    },
    after: { verify: "inspecting" },
  });

/**
 * It is well with what the remedy added. The load may still be there, so that stays until it has been well for long; what limits users
 * ends now.
 */
export const sustaining = (relapse: Relapse) =>
  base.createStateConfig({
    entry: ["ease", { type: "tell", params: { notice: "sustained" } }],
    on: { "signal.breached": relapse },
    after: { sustain: "undoing" },
  });

/** It is well again: what has to last first, and what is taken back at once? */
export const recovered = base.createStateConfig({
  always: [{ guard: "isSustained", target: "sustaining" }, { target: "undoing" }],
});

interface Kept {
  readonly keeps: boolean;
  readonly confirms: boolean;
}

/**
 * Everything that is on, up or frozen because of this incident is taken back and read back. What is kept is only taken back at the
 * end, so there nothing follows that could relapse.
 */
export const undoing = (again: string, { keeps, confirms }: Kept) =>
  base.createStateConfig({
    exit: ["forgetUndos", "forgetTold"],
    initial: "choosing",
    on: {
      // Read back, or over by its own end while the app was silent.
      "undo.seen": { target: ".choosing", actions: "markUndone" },
      ...(keeps
        ? {}
        : {
            "signal.breached": [
              ...(confirms
                ? [{ guard: "isToSoakUnannounced" as const, ...relapseTo("#confirming") }]
                : []),
              { guard: "isToSoak" as const, ...relapseTo(again) },
            ],
          }),
    },
    states: {
      choosing: {
        always: [
          { guard: "isContained", target: "asking" },
          { guard: "isToResolve", target: "#resolved" },
          ...(keeps
            ? [{ target: "#attached" }]
            : [{ guard: "isToAttach" as const, target: "#attached" }, { target: "#soaking" }]),
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
  });

/** The same for a kind that never switches anything on: there is nothing to take back. */
export const leaving = base.createStateConfig({
  always: [
    { guard: "isToResolve", target: "#resolved" },
    { guard: "isToAttach", target: "#attached" },
    { target: "#soaking" },
  ],
});

export const soaking = (relapse: Relapse) =>
  base.createStateConfig({
    id: "soaking",
    on: { "signal.breached": relapse },
    after: { soak: "settling" },
  });

/** The soak is over by the clock; the end still needs a healthy sample, because no data is never health. */
export const settling = (relapse: Relapse, keeps: boolean) =>
  base.createStateConfig({
    on: {
      "signal.healthy": keeps
        ? [{ guard: "isContained", target: "keeping" }, { target: "resolved" }]
        : "resolved",
      "signal.breached": relapse,
    },
    after: {
      verify: {
        target: "escalated",
        actions: { type: "giveReason", params: { reason: "no-fresh-samples" } },
      },
    },
  });
