import type { Config } from "../../src/config/config.ts";
import { type Attempt, IN_FLIGHT } from "../../src/domain/attempt.ts";
import type { Incident } from "../../src/domain/incident.ts";
import type { Lease } from "../../src/domain/lease.ts";
import type { Millis } from "../../src/domain/time.ts";
import type { Entry } from "../../src/domain/world.ts";
import { render } from "../../src/notifiers/slack/index.ts";
import { leaveFor, type Start, whyNotApproved } from "./leave.ts";
import type { Mutation } from "./railway.ts";
import { isWell } from "./services.ts";
import type { Look, World } from "./world.ts";

/** Hears of everything the daemon does while it does it, and judges it by what the world knows. */
export interface Watch {
  mutation(mutation: Mutation): void;
  /** A switch was told to be on. */
  switched(name: string, attempt: string | null): void;
  entry(entry: Entry): void;
  /** No incident is open, nothing is held, and nothing is on its way any more. */
  isOver(): boolean;
  counts(): { readonly [what: string]: number };
}

/** Which actions send which mutation. */
const ACTION_OF: { readonly [operation: string]: string } = {
  deploymentRestart: "restart",
  deploymentRollback: "rollback",
  deploymentRedeploy: "redeploy",
  serviceInstanceDeployV2: "redeploy",
  serviceInstanceAutoDeployUpdate: "freeze-autodeploy",
  environmentPatchCommit: "scale",
};

/** What a second call would do once more. Said here again, because the program's own word is on trial. */
const ONCE: readonly string[] = ["restart", "rollback", "redeploy", "scale"];

/** A look that is older says nothing of now: three of its rhythm. */
const FRESH_MS: Millis = 45_000;
/** So soon a pause has to be noticed: a second, and what the run's grain adds. */
const PAUSE_MS: Millis = 1_000;

export function createWatch(config: Config, worldOf: () => World): Watch {
  const attempts = new Map<string, Attempt>();
  const incidents = new Map<string, Incident>();
  /** The last one of each attempt, which may be begun more than once. */
  const starts = new Map<string, Start>();
  const held = new Set<string>();
  const called = new Set<string>();
  const resolves: { readonly of: string; readonly said: unknown }[] = [];
  const sent: { readonly attempt: Attempt; readonly action: string }[] = [];
  const tally = {
    mutations: 0,
    incidents: 0,
    acts: 0,
    approved: 0,
    effective: 0,
    unknown: 0,
    withheld: 0,
  };
  const { budgets, ceilings } = config.rules;

  const blame = (rule: string, text: string): void => worldOf().blame(rule, text);
  const lastLook = (signal: string, before: Millis): Look | undefined => {
    const [target, probe] = signal.split("|");
    return worldOf().looks.findLast(
      (look) => look.target === target && look.probe === probe && look.at <= before,
    );
  };
  /** What the signal of an incident said last; null where it says nothing of `up`. */
  const saidLast = (incident: Incident, before: Millis): number | null | "rates" | "nothing" => {
    if (!incident.signal.endsWith("|up")) return "rates";
    const look = lastLook(incident.signal, before);
    if (look === undefined || before - look.at > FRESH_MS) return "nothing";
    return look.up ?? null;
  };

  function checkMutation(mutation: Mutation): void {
    tally.mutations += 1;
    const attempt = attempts.get(mutation.attempt ?? "");
    const words = `${mutation.operation} of ${mutation.service}`;
    if (attempt === undefined)
      return blame("written down first", `${words} without an attempt in the journal`);
    const action = ACTION_OF[mutation.operation] ?? "";
    if (attempt.action !== action || attempt.state !== "started")
      blame("written down first", `${words} by ${attempt.action} in state ${attempt.state}`);
    const isAgain = called.has(attempt.id);
    called.add(attempt.id);
    if (isAgain && ONCE.includes(action)) blame("never twice", `${words} again by ${attempt.id}`);
    if (mutation.isDone) sent.push({ attempt, action });
    if (attempt.slot === "undo") return;
    tally.acts += 1;
    checkBudget(attempt, action, words);
    checkAct(attempt, action, words);
  }

  function checkSwitch(name: string, id: string | null): void {
    const attempt = attempts.get(id ?? "");
    const words = `${name} on`;
    if (attempt?.state !== "started")
      return blame("written down first", `${words} without a start in the journal`);
    // What goes on is renewed without a question; that it began was judged.
    if (attempt.slot !== "renew") checkAct(attempt, name, words);
  }

  /** What holds for everything that is begun. `what`: the action, or the switch that is turned on. */
  function checkAct(attempt: Attempt, what: string, words: string): void {
    const world = worldOf();
    const { plan, time } = world;
    const start = starts.get(attempt.id) ?? { at: time.elapsed, now: time.now() };
    const leave = leaveFor(plan, what);
    if (leave === "never") blame("no act in shadow", `${words} in mode ${plan.leave}`);
    if (leave === "asked") {
      const why = whyNotApproved(world, attempt, start);
      if (why === null) tally.approved += 1;
      else blame("no act without a yes", `${words} by ${attempt.id}: ${why}`);
    }
    const incident = incidents.get(attempt.incident ?? "");
    // A look of the very moment of the start may have come after it.
    const said = [start.at, start.at - 1].map((before) =>
      incident === undefined ? "nothing" : saidLast(incident, before),
    );
    if (!said.some((one) => one === 0 || one === "rates"))
      blame("no act on missing data", `${words} while the last look says ${String(said[0])}`);
    const isPaused = plan.pauses.some(
      ({ from, to }) => start.at > from + PAUSE_MS + plan.grainMs && start.at < to,
    );
    if (isPaused) blame("pause", `${words} although it was paused`);
  }

  function checkBudget(attempt: Attempt, action: string, words: string): void {
    if (config.rules.actions[action]?.effect !== "destructive") return;
    // A run is shorter than an hour, so all of it counts.
    const acts = sent.filter(
      (one) =>
        one.attempt.slot !== "undo" && config.rules.actions[one.action]?.effect === "destructive",
    );
    const same = acts.filter((one) => one.action === action);
    const here = same.filter((one) => one.attempt.incident === attempt.incident).length;
    const onTarget = acts.filter((one) => one.attempt.target === attempt.target).length;
    const own = budgets[action];
    if (own !== undefined && (here > own.perIncident || same.length > own.perHour))
      blame("bounded", `${words}: ${here} for the incident, ${same.length} in the hour`);
    if (onTarget > ceilings.perService || acts.length > ceilings.overall)
      blame("bounded", `${words}: ${onTarget} on the target, ${acts.length} in all`);
  }

  function checkAttempt(row: Attempt): void {
    const before = attempts.get(row.id);
    attempts.set(row.id, row);
    const world = worldOf();
    if (row.state === "started" && row.tries !== before?.tries)
      starts.set(row.id, { at: world.time.elapsed, now: world.time.now() });
    if (before?.state === row.state) return;
    if (row.state === "effective") tally.effective += 1;
    if (row.state === "unknown") tally.unknown += 1;
    if (row.state === "held" || row.state === "shadowed") tally.withheld += 1;
    const why = row.problem === null ? "" : ` (${row.problem.code}: ${row.problem.detail})`;
    world.note("ledger", `${row.id} ${row.slot} ${row.action} is ${row.state}${why}`);
    const done = world.railway.mutations.find(
      ({ attempt, doneAt }) => attempt === row.id && doneAt !== null,
    );
    const isDenied = row.state === "not-seen" || row.state === "rejected";
    if (isDenied && done !== undefined)
      blame(
        "what happened is known",
        `${row.action} ${row.id} is ${row.state}, and was carried out`,
      );
    const incident = incidents.get(row.incident ?? "");
    if (row.state !== "effective" || incident === undefined) return;
    const said = saidLast(incident, world.time.elapsed);
    if (said !== 1 && said !== "rates")
      blame("no closing on missing data", `${row.id} effective while a look says ${String(said)}`);
  }

  /** A person called it over while it was seen to be well, or insisted: it may end whatever looks say since. */
  function isMeant(incident: Incident): boolean {
    const heard = resolves.filter(({ of }) => of === incident.id);
    return heard.length > 1 || heard.some(({ said }) => said === 1);
  }

  /** What the last look said when the daemon heard of it; that it was said at all, the world knows. */
  function noteOrder({ event }: Entry): void {
    if (event.type !== "order" || event.order.order !== "resolve") return;
    const { id, incident: of } = event.order;
    const { words, time } = worldOf();
    const incident = incidents.get(of);
    if (incident === undefined || !words.some(({ order }) => order.id === id)) return;
    resolves.push({ of, said: saidLast(incident, time.elapsed) });
  }

  function checkIncident(row: Incident): void {
    const before = incidents.get(row.id);
    incidents.set(row.id, row);
    if (before === undefined) tally.incidents += 1;
    const isClosing = row.closedAt !== null && before?.closedAt === null;
    if (!isClosing || row.ending === "attached") return;
    const world = worldOf();
    // The second path was asked after the last look, and may have found it well again.
    if (row.ending === "false-alarm" && isWell(world.serviceOf(row.target), world.time.elapsed))
      return;
    const { elapsed } = world.time;
    // A look of this very moment may not have been judged yet.
    const said = [elapsed, elapsed - 1].map((before) => saidLast(row, before));
    if (!said.some((one) => one === 1 || one === "rates") && !isMeant(row))
      blame(
        "no closing on missing data",
        `${row.kind} closed (${row.ending}) while the last look says ${String(said[0])}`,
      );
  }

  function checkLease(row: Lease): void {
    if (row.state === "ended") held.delete(row.id);
    else held.add(row.id);
    worldOf().note("lease", `${row.id} is ${row.state}`);
  }

  return {
    isOver: () =>
      held.size === 0 &&
      [...incidents.values()].every(({ closedAt }) => closedAt !== null) &&
      // By a clock that was ahead when it began, an attempt may be settled later than its incident ends.
      ![...attempts.values()].some(({ state }) => IN_FLIGHT.includes(state)),
    mutation: checkMutation,
    switched: checkSwitch,
    entry: (entry) => {
      noteOrder(entry);
      for (const change of entry.decision.changes) {
        if (change.table === "incidents") checkIncident(change.row);
        if (change.table === "leases") checkLease(change.row);
        if (change.table === "attempts") checkAttempt(change.row);
      }
    },
    counts: () => ({ ...tally }),
  };
}

const NEVER = new AbortController().signal;

/** What must hold when everything has had the time to end. */
export async function checkAtEnd(world: World): Promise<void> {
  const { store, slack, switches, railway, blame } = world;
  const books = await store.load(NEVER);
  const incidents = await store.incidents(1_000, NEVER);
  const open = incidents.filter(({ closedAt }) => closedAt === null);
  for (const one of open)
    blame("every incident ends", `${one.kind} of ${one.target} is still in ${one.state}`);
  for (const attempt of Object.values(books.attempts)) {
    const isOnItsWay = ["started", "accepted"].includes(attempt.state);
    const isForgotten =
      ["planned", "held", "awaiting-approval"].includes(attempt.state) &&
      !open.some(({ id }) => id === attempt.incident);
    if (isOnItsWay || isForgotten)
      blame("none lost", `${attempt.action} in ${attempt.slot} is still ${attempt.state}`);
  }
  for (const lease of Object.values(books.leases))
    if (lease.state !== "ended" && !open.some(({ id }) => id === lease.incident))
      blame("no lease left", `${lease.switch} is ${lease.state} and its incident is over`);
  if (open.length === 0) {
    for (const name of switches.last.keys())
      if (switches.isOn(name)) blame("no lease left", `the app's ${name} is on`);
    for (const service of Object.values(railway.services)) {
      if (service.replicas !== 1) blame("no lease left", `${service.name} keeps its replicas`);
      if (!service.autodeploy) blame("no lease left", `${service.name} stays frozen`);
    }
  }
  for (const incident of incidents) {
    const deliveries = await store.deliveries(incident.id, NEVER);
    const last = deliveries.at(-1);
    if (last === undefined) {
      blame("told", `nothing was ever said of ${incident.kind} of ${incident.target}`);
      continue;
    }
    const textOf = ({ notice }: typeof last): string =>
      render(notice, { repeat: false, skipped: 0 });
    const mine = slack.shown.filter(({ text }) =>
      deliveries.some((one) => text.startsWith(textOf(one))),
    );
    if (mine.at(-1)?.text.startsWith(textOf(last)) !== true)
      blame(
        "told",
        `the last word on ${incident.kind} of ${incident.target} is not what people read last`,
      );
    for (const one of deliveries) {
      // Several may say the same, at different times.
      const alike = deliveries.filter((other) => textOf(other) === textOf(one)).length;
      const copies = mine.filter(({ text }) => text.startsWith(textOf(one)));
      if (one.state === "delivered" && copies.length === 0 && textOf(one).length < 2_800)
        blame("told", `"${one.notice.title}" counts as delivered, and nobody saw it`);
      const unmarked = copies.filter(({ text }) => !text.includes("(Repeat:"));
      if (unmarked.length > alike) blame("told once", `"${one.notice.title}" came twice, unmarked`);
      if (["pending", "sending"].includes(one.state))
        blame("told", `"${one.notice.title}" is still ${one.state}`);
    }
  }
}
