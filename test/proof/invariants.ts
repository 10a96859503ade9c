import { ACT_SLOTS, type Runbook, type Slot } from "../../src/domain/runbook.ts";
import type { Exploration } from "./explore.ts";
import { checkRecovery, checkSilence } from "./health.ts";
import { leadsSomewhere, standsStill } from "./progress.ts";
import { asksOf, isOf, isTimer, tellsOf, topOf, walk } from "./walk.ts";

export interface Invariant {
  readonly name: string;
  /** Everything that breaks it, by name; nothing when it holds. */
  readonly check: (of: Exploration, runbooks: readonly Runbook[]) => readonly string[];
}

/** What holds in every machine, on every way through it. */
export const INVARIANTS: readonly Invariant[] = [
  { name: "no dead end: an end or a person is reached from everywhere", check: leadsSomewhere },
  { name: "nothing is waited for without a deadline", check: standsStill },
  { name: "no act without confirmation", check: checkConfirmation },
  { name: "no act twice without a verdict on the first", check: checkVerdict },
  { name: "no attempt beyond its bound", check: checkBounds },
  { name: "what is on is taken back before an end", check: checkTakenBack },
  { name: "what a remedy added stays until it has lasted", check: checkSustained },
  { name: "every timer fires or is cleared", check: checkTimers },
  { name: "no recovery without fresh healthy samples", check: checkRecovery },
  { name: "no end on missing data alone", check: checkSilence },
  { name: "every withheld act leads somewhere", check: checkWithheld },
  { name: "every slot is filled by every runbook of the machine", check: checkSlots },
];

const isAct = (slot: Slot): boolean => ACT_SLOTS.includes(slot);
const leavesSomethingOn = (slot: Slot): boolean => slot === "contain" || isAct(slot);

/** An act answers an inspection that advised this very one; where a second path is asked, nothing is begun before it agreed. */
function checkConfirmation(of: Exploration): readonly string[] {
  const confirms = slotsOf(of).has("confirm");
  return walk(of, { isConfirmed: !confirms }, ({ isConfirmed }, { event, effects, isHeard }) => {
    const agrees = isHeard && event.type === "confirm.seen" && event["answer"] === "down";
    const now = isConfirmed || agrees;
    for (const slot of asksOf(effects)) {
      if (isAct(slot) && !(event.type === "inspect.seen" && event["advice"] === slot))
        return `asks for ${slot}, which nothing advised`;
      if (!now && slot !== "confirm" && slot !== "undo")
        return `asks for ${slot} before a second path agreed`;
    }
    return { isConfirmed: now };
  });
}

/** A verdict is a judgement of the act, the certainty that it did not happen, or the word to a person that it is theirs to judge. */
function checkVerdict(of: Exploration): readonly string[] {
  return walk(of, { isOpen: false }, ({ isOpen }, { event, effects, pending, after }) => {
    const isOurs = pending !== null && isAct(pending.slot);
    const isOver =
      effects.some(({ type }) => type === "judge") ||
      tellsOf(effects).includes("escalated") ||
      (isOurs && isOf(pending, event, "failed", "dropped"));
    const now = (isOpen || (isOurs && isOf(pending, event, "started"))) && !isOver;
    if (asksOf(effects).some(isAct)) {
      if (now) return "asks for an act while the last one is unjudged";
      if (isOurs && after?.askedIn === pending.askedIn) return "asks for what is asked for";
    }
    return { isOpen: now };
  });
}

/** Counted along the way, whatever the machine's own counters say. */
function checkBounds(of: Exploration): readonly string[] {
  const start = { asks: 0, acts: 0, confirms: 0, undos: 0 };
  return walk(of, start, (before, { event, from, effects, pending }) => {
    const count = (slots: readonly Slot[]): number =>
      asksOf(effects).filter((slot) => slots.includes(slot)).length;
    const has = pending !== null && isAct(pending.slot) && isOf(pending, event, "seen", "unknown");
    // So many until people are told; the word of a person or another cause begins anew.
    const isUndoing =
      topOf(from) === "undoing" &&
      !tellsOf(effects).includes("undo-failed") &&
      (isTimer(event) || count(["undo"]) === 0);
    const now = {
      asks: before.asks + count(ACT_SLOTS),
      acts: before.acts + (has ? 1 : 0),
      confirms: (topOf(from) === "confirming" ? before.confirms : 0) + count(["confirm"]),
      undos: (isUndoing ? before.undos : 0) + count(["undo"]),
    };
    for (const name of ["asks", "acts", "confirms", "undos"] as const)
      if (now[name] > (of.limits[`${name}Max`] ?? 0)) return `${name} ${now[name]} times`;
    return now;
  });
}

/** Whatever was begun may have left something on, and only the read-back of its end says that it is off. */
function checkTakenBack(of: Exploration): readonly string[] {
  return walk(of, { isOn: of.isOn }, ({ isOn }, { event, to, pending, isHeard }) => {
    const hasBegun =
      pending !== null && leavesSomethingOn(pending.slot) && isOf(pending, event, "started");
    const now = (isOn || hasBegun) && !(isHeard && event.type === "undo.seen");
    return to.isEnd && now ? "ends while something may be on" : { isOn: now };
  });
}

/** Where a kind sustains, a remedy that helped is taken back by the clock, or by who knows better, and not because it helped. */
function checkSustained(of: Exploration): readonly string[] {
  if (!Object.hasOwn(of.machine.states, "sustaining")) return [];
  return walk(of, { isNew: false }, ({ isNew }, { event, from, effects }) => {
    const isEffective = effects.some(
      (effect) =>
        effect.type === "judge" &&
        effect.params.as === "effective" &&
        effect.params.slot === "remedy",
    );
    const isOver =
      (isTimer(event) && topOf(from) === "sustaining") ||
      ["signal.breached", "person.took", "person.resolved", "upstream.opened"].includes(event.type);
    const now = (isNew && !isOver) || isEffective;
    return now && asksOf(effects).includes("undo")
      ? "takes back what has only just helped"
      : { isNew: now };
  });
}

function checkTimers({ nodes }: Exploration): readonly string[] {
  const wrong = new Set<string>();
  for (const node of nodes) {
    for (const [name, fired] of node.timers) {
      if (node.isEnd) wrong.add(`${node.state}: ${name} is still set`);
      else if (!node.edges.some(({ event }) => event.type === fired.type))
        wrong.add(`${node.state}: ${name} fires, and nothing hears it`);
    }
  }
  return [...wrong].sort();
}

/** It leads to another state, or people are told, once for each reason, while the machine goes on looking. */
function checkWithheld(of: Exploration): readonly string[] {
  return walk(of, { isTold: false }, (before, { event, from, to, effects, isHeard, pending }) => {
    const isSame = topOf(from) === topOf(to);
    const isTold = isSame && (before.isTold || tellsOf(effects).includes("withheld"));
    if (isSame && to.timers.size === 0 && isOf(pending, event, "withheld", "dropped")) {
      if (!isHeard) return "leads nowhere";
      if (!isTold) return "leads nowhere, and nobody is told";
      const isLooking = to.edges.some((edge) => edge.event.type === "signal.healthy");
      if (pending?.slot !== "undo" && !isLooking) return "leads nowhere, and nobody looks any more";
    }
    return { isTold };
  });
}

function checkSlots(of: Exploration, runbooks: readonly Runbook[]): readonly string[] {
  const naming = runbooks.filter(({ machine }) => machine === of.machine.id);
  if (naming.length === 0) return [`no runbook names ${of.machine.id}`];
  return naming.flatMap(({ name, slots }) =>
    [...slotsOf(of)]
      .filter((slot) => slot !== "undo" && slots[slot] === undefined)
      .map((slot) => `${name} does not fill ${slot}`),
  );
}

/** Every slot that is asked for anywhere. */
function slotsOf({ opening, nodes }: Exploration): ReadonlySet<Slot> {
  const edges = nodes.flatMap((node) => node.edges);
  return new Set([opening, ...edges.map(({ effects }) => effects)].flatMap(asksOf));
}
