import type { Answer, HookParts } from "../api/hooks.ts";
import type { Config } from "../config/config.ts";
import type { Hint } from "../domain/hint.ts";
import type { Entry } from "../domain/world.ts";
import type { CallBook } from "../engine/calls.ts";
import type { HintDesk } from "../engine/hints.ts";
import type { Hook } from "../hooks/hook.ts";
import { hooks } from "../hooks/index.ts";
import { matcher } from "../hooks/match.ts";
import type { AppParts } from "./parts.ts";

/** What the server does with what comes in. */
export function hookParts(
  { config, clock, metrics }: AppParts,
  desk: HintDesk,
  calls: CallBook,
  onError: (error: unknown) => void,
): HookParts {
  const targetsOf = matcher(config.targets, config.railway.environmentId);
  return {
    senders: Object.values<Hook>(hooks).flatMap((hook) => {
      const configured = config.hooks[hook.source as keyof typeof hooks];
      return configured === undefined ? [] : [{ hook, secret: configured.secret }];
    }),
    callers: callersOf(config),
    now: () => clock.now(),
    hear: (source, hints, delivery) => hear(desk, targetsOf, source, hints, delivery),
    call: (target, probe, failed) => calls.note(target, probe, failed),
    onDelivery: (source, result) => metrics.deliveries.inc({ source, result }),
    onError,
  };
}

function callersOf({ targets }: Config): HookParts["callers"] {
  return targets.flatMap((target) =>
    target.probes.flatMap(({ name, settings }) =>
      settings.kind === "heartbeat"
        ? [{ target: target.name, probe: name, secret: settings.secret }]
        : [],
    ),
  );
}

function hear(
  desk: HintDesk,
  targetsOf: (hint: Hint) => readonly string[] | null,
  source: string,
  hints: readonly Hint[],
  delivery: string,
): Answer {
  const told = hints.flatMap((hint, index) => {
    const targets = targetsOf(hint);
    return targets === null ? [] : [{ hint, targets, content: `${delivery} ${index}` }];
  });
  const heard = desk.hear(source, told);
  if (heard.kind === "busy") return heard;
  return { ...heard, targets: [...new Set(told.flatMap(({ targets }) => targets))] };
}

/** The target of an incident that this entry opened by a look of ours; null for every other entry. */
export function openedBy({ event, decision }: Entry): string | null {
  if (event.type !== "verdict" || !decision.reasons.some(({ code }) => code === "opened"))
    return null;
  return event.verdict.signal.target;
}
