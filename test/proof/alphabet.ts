import { SLOTS } from "../../src/domain/runbook.ts";
import {
  ADVICE,
  CONFIRM_ANSWERS,
  PLAIN_EVENTS,
  TROUBLES,
  type MachineEvent,
} from "../../state-machines/vocabulary.ts";

/** Every event that the vocabulary has, with every word that a guard may ask for. Timers come from the states that set them. */
export const ALPHABET: readonly MachineEvent[] = [
  ...PLAIN_EVENTS.map((type) => ({ type })),
  ...SLOTS.flatMap((slot): readonly MachineEvent[] => [
    ...seen(slot),
    { type: `${slot}.started` },
    ...TROUBLES.map((trouble) => ({ type: `${slot}.${trouble}`, code: "mode-suggest" }) as const),
  ]),
];

function seen(slot: (typeof SLOTS)[number]): readonly MachineEvent[] {
  if (slot === "confirm")
    return CONFIRM_ANSWERS.map((answer) => ({ type: `${slot}.seen`, answer }));
  if (slot === "inspect")
    return ADVICE.map((advice) => ({ type: `${slot}.seen`, advice, cause: "crashed" }));
  return [{ type: `${slot}.seen` }];
}

export interface Limits {
  readonly [bound: string]: number;
}

/** Bounds as small as they may be for both sides of every guard to be met: each is reached, and something is left before it. */
export const LIMITS: Limits = {
  lookMs: 1,
  confirmAgainMs: 1,
  confirmsMax: 2,
  containMs: 1,
  waitMs: 1,
  waitsMax: 2,
  asksMax: 3,
  actsMax: 2,
  verifyMs: 1,
  samplesMin: 2,
  quietMs: 1,
  undoAgainMs: 1,
  undosMax: 2,
  sustainMs: 1,
  soakMs: 1,
};

/** Smaller still: not every transition is taken, but most of what is broken on purpose is broken here too. */
export const FEWER: Limits = { ...LIMITS, waitsMax: 1, asksMax: 2, actsMax: 1 };
