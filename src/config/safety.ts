import { isWithin, MINUTE_MS, spell, spellWindow } from "../domain/time.ts";
import { REPLICAS, RETENTION_MS } from "../railway/budget.ts";
import type { Config } from "./config.ts";
import type { Reasoning } from "./detection.ts";
import { type PossibleAct, possibleActs } from "./possible-acts.ts";
import { proofLines, proofWarnings } from "./proving.ts";

/**
 * Reasons about what this configuration may do: how much at the worst, what waits for a person who cannot answer, and what can never
 * happen or never be proven. Offline: what a token may really do only Railway knows.
 */
export function reasonAboutSafety(config: Config): Reasoning {
  const acts = possibleActs(config);
  return {
    lines: [
      ...worstLines(config, acts),
      ...tokenLines(config, acts),
      ...rollbackLines(config, acts),
      ...proofLines(config, acts),
    ],
    warnings: [
      ...bookWarnings(config),
      ...approvalWarnings(config, acts),
      ...neverWarnings(config, acts),
      ...switchWarnings(config),
      ...windowWarnings(config),
      ...proofWarnings(config, acts),
    ],
  };
}

const isDestructive = ({ traits }: PossibleAct): boolean => traits.effect === "destructive";
const ofMode = (acts: readonly PossibleAct[], mode: PossibleAct["mode"]) =>
  acts.filter((act) => act.mode === mode);
const actionsOf = (acts: readonly PossibleAct[]): readonly string[] => [
  ...new Set(acts.map(({ traits }) => traits.kind)),
];

/** P6: budgets of the actions, of the targets and of all together; the lowest of them counts. */
function worstLines({ rules }: Config, acts: readonly PossibleAct[]): readonly string[] {
  const destructive = acts.filter(isDestructive);
  const alone = ofMode(destructive, "auto");
  const { perService, overall } = rules.ceilings;
  const each = actionsOf(alone).map((kind) => ({
    kind,
    most: Math.min(rules.budgets[kind]?.perHour ?? overall, overall),
  }));
  const targets = new Set(alone.map(({ target }) => target.name)).size;
  const sum = each.reduce((total, { most }) => total + most, 0);
  const most = Math.min(overall, perService * targets, sum);
  const others = (["suggest", "shadow"] as const).flatMap((mode) => {
    const kinds = actionsOf(ofMode(destructive, mode));
    if (kinds.length === 0) return [];
    return [
      `${mode === "suggest" ? "only by approval" : "only written down (shadow)"}: ${kinds.join(", ")}`,
    ];
  });
  if (alone.length === 0) return ["nothing destructive is done without a person", ...others];
  const words = each.map(({ kind, most: one }) => `${kind} ${one}`).join(", ");
  return [
    `without a person at most ${most} destructive acts an hour (${words}), at most ${Math.min(perService, most)} of them on one target`,
    ...others,
  ];
}

/** What is known of a project token, by action; the others are reported to work. Railway publishes no rights. */
const UNPROVEN: readonly string[] = ["scale", "freeze-autodeploy"];

function tokenLines({ railway }: Config, acts: readonly PossibleAct[]): readonly string[] {
  if (railway.token?.kind !== "project") return [];
  const doubtful = actionsOf(acts).filter((kind) => UNPROVEN.includes(kind));
  return doubtful.length === 0
    ? []
    : [
        `whether a project token may ${doubtful.join(" and ")} is not known before the first time: Railway publishes no rights`,
      ];
}

function rollbackLines({ railway }: Config, acts: readonly PossibleAct[]): readonly string[] {
  if (!actionsOf(acts).includes("rollback")) return [];
  const kept = spell(RETENTION_MS[railway.plan]);
  return [
    `rollback: Railway keeps the image of a replaced release for ${kept} on the plan ${railway.plan}; later there is nothing to go back to`,
  ];
}

function bookWarnings({ booksDoubt }: Config): readonly string[] {
  return booksDoubt === null ? [] : [`data folder: ${booksDoubt.detail}`];
}

/** Whoever must approve has to hear of it, and to have a way to say so. */
function approvalWarnings(config: Config, acts: readonly PossibleAct[]): readonly string[] {
  const waiting = acts.filter(
    ({ mode, target, traits }) =>
      mode === "suggest" ||
      (mode === "auto" &&
        traits.effect === "destructive" &&
        (target.isProtected || target.hours !== null)),
  );
  const [first] = waiting;
  if (first === undefined) return [];
  const more = waiting.length === 1 ? "" : ` (and ${waiting.length - 1} more)`;
  const what = `${first.traits.kind} of ${first.target.name} for ${first.kind}${more}`;
  return [
    ...(config.slack === null
      ? [`no slack.webhook: ${what} waits for an approval, and nobody hears of it`]
      : []),
    ...(config.isOnRailway && !config.hasTokens
      ? [
          `no SIGNALMAN_TOKENS that may approve: ${what} waits for an approval that only a shell in Signalman's own service can give`,
        ]
      : []),
  ];
}

/** What `modes` allow and something else forbids for good. */
function neverWarnings(config: Config, acts: readonly PossibleAct[]): readonly string[] {
  const { rules, railway } = config;
  const wanted = actionsOf(acts.filter(({ mode }) => mode !== "shadow"));
  return wanted.flatMap((kind) => {
    const budget = rules.budgets[kind];
    const isNone = budget !== undefined && Math.min(budget.perHour, budget.perIncident) === 0;
    const isAlone = kind === "scale" && REPLICAS[railway.plan] === 1;
    return [
      ...(isNone ? [`budgets.${kind}: with 0 it never happens, although modes allow it`] : []),
      ...(isAlone
        ? [`modes: scale never happens, because the plan ${railway.plan} has one replica`]
        : []),
    ];
  });
}

/** A switch whose every way leads over what may be down, or that nobody can ask for: it goes neither on nor off by us. */
function switchWarnings({ switches, targets, host, port }: Config): readonly string[] {
  const guarded = targets.flatMap(({ name, probes }) =>
    probes.flatMap(({ settings }) =>
      settings.kind === "redis" ? [{ name, place: placeOf(settings.url) }] : [],
    ),
  );
  return switches.flatMap(({ name, drivers }) => {
    const over = drivers.map((driver) =>
      driver.kind === "redis"
        ? guarded.find(({ place }) => place === placeOf(driver.url))?.name
        : undefined,
    );
    const [redis] = over;
    if (redis !== undefined && !over.includes(undefined)) {
      return [
        `switches.${name}: its only way is the guarded ${redis}: while that is down nobody can switch it on or off, it only ends by itself`,
      ];
    }
    const isUnasked = host === "127.0.0.1" && drivers.every(({ kind }) => kind === "polling");
    return isUnasked
      ? [
          `switches.${name}: the app asks for it, and Signalman listens on ${host}:${port}, so only an app on this machine can`,
        ]
      : [];
  });
}

function placeOf(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port === "" ? 6379 : port}${pathname === "/" ? "" : pathname}`;
}

const DAY_MINUTES = 1_440;

/** What has to wait for a quiet time must be allowed then. */
function windowWarnings({ targets }: Config): readonly string[] {
  return targets.flatMap(({ name, quiet, hours }, index) => {
    if (quiet === null || hours === null) return [];
    const minutes = Array.from({ length: DAY_MINUTES }, (_, minute) => minute * MINUTE_MS);
    const isMet = minutes.some((at) => isWithin(quiet, at) && isWithin(hours, at));
    return isMet
      ? []
      : [
          `targets[${index}].quiet: ${spellWindow(quiet)} lies outside of the hours ${spellWindow(hours)} in which ${name} may be acted on without a person`,
        ];
  });
}
