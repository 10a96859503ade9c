import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** A bug put into the program on purpose, to see that the simulation finds it. */
export interface Plant {
  readonly name: string;
  readonly what: string;
  /** The rule of the simulation that it breaks. */
  readonly breaks: string;
  /** A file of the program, a text that stands in it once, and what stands there instead. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** It was found soon after this seed; the tests begin here. */
  readonly near: number;
}

/** One of each class of what must never be. */
export const PLANTS: readonly Plant[] = [
  {
    name: "called-again",
    what: "a call whose answer did not come is made again",
    breaks: "never twice",
    file: "src/engine/executor.ts",
    from: 'case "unclear":\n      return settle(',
    to: 'case "unclear":\n      await perform(parts, action, started); return settle(',
    near: 35,
  },
  {
    name: "forgotten-in-flight",
    what: "what was begun before a crash is not gone on with",
    breaks: "none lost",
    file: "src/engine/executor.ts",
    from: "if (IN_FLIGHT.includes(attempt.state)) return true;",
    to: "if (IN_FLIGHT.includes(attempt.state)) return false;",
    near: 3,
  },
  {
    name: "one-act-more",
    what: "there may be one act more in an hour than the ceiling over everything",
    breaks: "bounded",
    file: "src/core/safeguards/budget.ts",
    from: "if (hour.length >= overall)",
    to: "if (hour.length > overall)",
    near: 8,
  },
  {
    name: "replicas-kept",
    what: "replicas are taken back to the number that there is",
    breaks: "no lease left",
    file: "src/actions/scale/index.ts",
    from: "if (isOurs || isBack) return { set: restore };",
    to: "if (isOurs || isBack) return { set: present };",
    near: 5,
  },
  {
    name: "refused-is-told",
    what: "a message that Slack did not take counts as delivered",
    breaks: "told",
    file: "src/engine/announcer.ts",
    from: 'await store.mark(notice.id, "pending", tries, signal);',
    to: 'await store.mark(notice.id, "delivered", tries, signal);',
    near: 2,
  },
  {
    name: "acts-in-shadow",
    what: "a remedy starts whatever its mode is",
    breaks: "no act in shadow",
    file: "src/core/safeguard.ts",
    from: 'attempt.slot === "undo" || attempt.slot === "renew" ? "auto"',
    to: 'attempt.slot !== "contain" ? "auto"',
    near: 4,
  },
  {
    name: "no-data-is-health",
    what: "a look that says nothing counts as one that says that all is well",
    breaks: "no closing on missing data",
    file: "src/detectors/consecutive/index.ts",
    from: "sample.value === null ? countUnknown(state, sample, settings)",
    to: "sample.value === null ? count(state, { ...sample, value: 1 }, settings)",
    near: 14,
  },
  {
    name: "acts-on-no-data",
    what: "an act starts while looks say nothing",
    breaks: "no act on missing data",
    file: "src/core/safeguards/fresh.ts",
    from: 'if (signal.state !== "breached")',
    to: "if (false)",
    near: 10,
  },
  {
    name: "pause-holds-undo-only",
    what: "a pause that lets things be taken back lets everything start",
    breaks: "pause",
    file: "src/core/safeguards/pause.ts",
    from: '(attempt.slot !== "undo" || includingUndo)',
    to: "includingUndo",
    near: 100,
  },
  {
    name: "yes-for-ever",
    what: "an approval counts for ever",
    breaks: "no act without a yes",
    file: "src/domain/approval.ts",
    from: "export const APPROVAL_LIFE_MS: Millis = 5 * MINUTE_MS;",
    to: "export const APPROVAL_LIFE_MS: Millis = 5_000 * MINUTE_MS;",
    near: 220,
  },
  {
    name: "no-is-yes",
    what: "a no counts as a yes",
    breaks: "no act without a yes",
    file: "src/core/approval.ts",
    from: "else reject(draft, attempt, order);",
    to: "else approve(draft, attempt, order);",
    near: 3,
  },
];

const ROOT = join(import.meta.dirname, "..", "..");

/**
 * Puts the bug into what this process loads from now on; the files stay as they are. Null where there is no such plant. Throws where
 * the text does not stand in the file exactly once: then the plant has to follow the program.
 */
export function sow(name: string): Plant | null {
  const plant = PLANTS.find((one) => one.name === name);
  if (plant === undefined) return null;
  const { file, from, to } = plant;
  const path = join(ROOT, file);
  const text = readFileSync(path, "utf8");
  if (text.split(from).length !== 2)
    throw new Error(`plant ${name}: expected "${from}" once in ${file}`);
  const url = pathToFileURL(path).href;
  registerHooks({
    load: (asked, context, next) =>
      asked === url
        ? { format: "module-typescript", source: text.replace(from, () => to), shortCircuit: true }
        : next(asked, context),
  });
  return plant;
}
