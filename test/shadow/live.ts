import { createActions } from "../../src/actions/index.ts";
import { defaultRules } from "../../src/config/default-rules.ts";
import { createPanel } from "../../src/detectors/panel.ts";
import { UNSTARTED, type Attempt } from "../../src/domain/attempt.ts";
import { eventId, hashOf } from "../../src/domain/ids.ts";
import type { Observation } from "../../src/domain/observation.ts";
import type { Rules } from "../../src/domain/rules.ts";
import { MINUTE_MS, SECOND_MS, type Instant } from "../../src/domain/time.ts";
import { createBoard } from "../../src/engine/board.ts";
import { createDispatcher, type Dispatcher } from "../../src/engine/dispatcher.ts";
import type { Action } from "../../src/ports/action.ts";
import type { Probe } from "../../src/ports/probe.ts";
import type { Store } from "../../src/ports/store.ts";
import { success } from "../../src/railway/result.ts";
import { railwayOver, Service } from "./platform.ts";
import { MONDAY, openEyes, TURNS, WEEK_END, type Eyes, type Truth } from "./week.ts";

const NEVER = new AbortController().signal;
const USUAL_MS = 30 * SECOND_MS;
/** While something fails looks come sooner, as the daemon's do. */
const SOON_MS = 5 * SECOND_MS;
/** What was held is asked again. */
const AGAIN_MS = 10 * SECOND_MS;

/**
 * The production board, detectors, dispatcher, core and actions live through the week in mode shadow, as shipped, over a store;
 * only clock, servers and Railway's answers are the week's. Throws when anything that is no look would be started.
 */
export async function liveThroughWeek(store: Store, seed: number): Promise<void> {
  const rules = await shippedRules();
  const truth: Truth = {
    database: "answers",
    api: "answers",
    failing: 0,
    logs: {},
    sight: "clear",
  };
  const services = {
    api: new Service("api", "c1", MONDAY - 30 * 24 * 60 * MINUTE_MS),
    postgres: new Service("postgres", "p1", MONDAY - 60 * 24 * 60 * MINUTE_MS),
  };
  const stage: Stage = { now: MONDAY, truth, services, eyes: openEyes(seed) };
  const board = createBoard(
    MONDAY,
    (target, probe) => createPanel({ target, probe, opens: OPENS[probe] ?? "unclassified" }),
    (target) => rules.targets[target]?.needs ?? [],
  );
  const dispatcher = createDispatcher({
    store,
    rules,
    start: await store.load(NEVER),
    facts: () => board.facts(),
    onTrouble: (problem) => {
      throw new Error(problem?.detail);
    },
    signal: NEVER,
  });
  const id = eventId("start", MONDAY);
  await dispatcher.dispatch({ id, at: MONDAY, cause: null, type: "start", version: "test" });
  const actions = actionsOf(stage, rules, (target) => board.errors(target));
  const turns = [...TURNS];
  const due = PROBES.map((_, index) => MONDAY + index * SECOND_MS);
  while (stage.now < WEEK_END) {
    while (turns[0] !== undefined && turns[0].at <= stage.now) turns.shift()?.does(truth, services);
    await fireDue(dispatcher, stage.now);
    for (const [index, { everyMs, look }] of PROBES.entries()) {
      if (stage.now < (due[index] ?? 0)) continue;
      const verdicts = await dispatcher.judge(() => board.judge([look(stage)]));
      const isClear = verdicts.every(
        ({ signal, state }) => signal.name !== "up" || state === "healthy",
      );
      due[index] = stage.now + (isClear ? everyMs : SOON_MS);
    }
    for (const attempt of Object.values(dispatcher.world().attempts))
      if (isUnstarted(attempt)) await carryOut(dispatcher, actions, attempt, stage);
    const isBusy = Object.values(dispatcher.world().attempts).some(isUnstarted);
    stage.now = Math.min(
      ...due,
      ...Object.values(dispatcher.world().timers).map((timer) => timer.due),
      turns[0]?.at ?? WEEK_END,
      isBusy ? stage.now + AGAIN_MS : WEEK_END,
    );
  }
}

function isUnstarted({ state }: Attempt): boolean {
  return UNSTARTED.includes(state);
}

interface Stage {
  now: Instant;
  readonly truth: Truth;
  readonly services: { readonly api: Service; readonly postgres: Service };
  readonly eyes: Eyes;
}

const OPENS: { readonly [probe: string]: string } = {
  "http /health": "service-down",
  postgres: "database-down",
};

const PROBES: readonly { everyMs: number; look: (stage: Stage) => Observation }[] = [
  { everyMs: USUAL_MS, look: ({ eyes, truth, now }) => eyes.postgres(truth, now) },
  { everyMs: USUAL_MS, look: ({ eyes, truth, now }) => eyes.health(truth, now) },
  { everyMs: MINUTE_MS, look: ({ eyes, truth, now }) => eyes.rates(truth, now, MINUTE_MS) },
  {
    everyMs: MINUTE_MS,
    look: ({ eyes, truth, now, services }) =>
      eyes.platform(truth, now, services.api.releases(now)[0]?.id ?? ""),
  },
];

/** Everything as it is shipped and so in shadow; the API needs the database and obeys two switches. */
async function shippedRules(): Promise<Rules> {
  const shipped = await defaultRules(["api", "postgres"]);
  const target = { needs: [], detectMsMax: MINUTE_MS, freshMs: 2 * MINUTE_MS };
  const lease = { targets: ["api"], leaseMs: 10 * MINUTE_MS, renewMs: 2 * MINUTE_MS };
  const rules: Rules = {
    ...shipped,
    targets: { api: { ...target, needs: ["postgres"] }, postgres: target },
    switches: { "read-only": lease, "circuit-breaker": lease },
  };
  return { ...rules, hash: hashOf(rules) };
}

function actionsOf(
  stage: Stage,
  rules: Rules,
  errors: (target: string) => { readonly [name: string]: number } | null,
): { readonly [kind: string]: Action } {
  const railway = railwayOver(stage.services, () => stage.now);
  const clock = { now: () => stage.now, until: () => Promise.resolve() };
  /** Another way to the same server: only what is wrong with everything of ours is wrong with it too. */
  const second = (target: string): Probe => ({
    target,
    name: "second path",
    kind: "http",
    look: () => {
      const { eyes, now, truth } = stage;
      const clear =
        truth.sight === "health-blocked" ? { ...truth, sight: "clear" as const } : truth;
      return Promise.resolve([
        target === "api" ? eyes.health(clear, now) : eyes.postgres(clear, now),
      ]);
    },
    close: () => Promise.resolve(),
  });
  return createActions(rules.actions, {
    finder: (target) => Promise.resolve(success({ railway, serviceId: target })),
    clock,
    drivers: {},
    direct: ({ target }) => [second(target)],
    dependants: ({ target }) => (target === "postgres" ? [second("api")] : []),
    errors,
    processStart: () => null,
    samples: () => Promise.resolve([]),
    activity: () => Promise.resolve(null),
    replicasMax: 5,
  });
}

async function fireDue(dispatcher: Dispatcher, at: Instant): Promise<void> {
  for (const { id: timer, due, generation } of Object.values(dispatcher.world().timers)) {
    if (due > at) continue;
    const id = eventId("timer", timer, generation);
    await dispatcher.dispatch({ id, at, cause: timer, type: "timer", timer, generation });
  }
}

/** As the executor does it: prepared by reading, asked for, and carried out only when that was committed. */
async function carryOut(
  dispatcher: Dispatcher,
  actions: { readonly [kind: string]: Action },
  attempt: Attempt,
  { now: at }: Stage,
): Promise<void> {
  const action = actions[attempt.action];
  if (action === undefined) throw new Error(`no action ${attempt.action}`);
  const { plan, platform } = await action.prepare(attempt, NEVER);
  const about = { at, cause: attempt.id, attempt: attempt.id };
  await dispatcher.dispatch(
    { id: eventId("request", attempt.id, at), ...about, type: "request", plan },
    platform === undefined ? {} : { platform },
  );
  const started = dispatcher.world().attempts[attempt.id];
  if (started?.state !== "started") return;
  if (action.traits.effect !== "look") throw new Error(`${attempt.action} would have been called`);
  const answer = await action.perform(started, NEVER);
  const isDone = answer.kind === "done";
  await dispatcher.dispatch({
    id: eventId("outcome", attempt.id, 1),
    ...about,
    type: "outcome",
    state: isDone ? "seen" : "rejected",
    evidence: isDone ? answer.evidence : {},
    problem: answer.kind === "rejected" || answer.kind === "unclear" ? answer.problem : null,
  });
}
