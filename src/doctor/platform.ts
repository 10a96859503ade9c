import { kindsOf, possibleActs } from "../config/possible-acts.ts";
import type { Config, TargetConfig } from "../config/config.ts";
import type { Mode } from "../domain/rules.ts";
import { problem, type Problem, type ProblemCode } from "../domain/problem.ts";
import { serviceIn, type Look, type Railway } from "../railway/railway.ts";
import type { Result } from "../railway/result.ts";
import type { Environment } from "../railway/schema.ts";
import { failed, type Asking, type Finding } from "./finding.ts";
import { refusalOf, reportOf } from "./rights.ts";

/** Who the token is, what it sees and what of the wanted acts it could do: read-only questions, no mutation. */
export async function askPlatform(
  config: Config,
  asking: Asking | null,
): Promise<{
  readonly findings: readonly Finding[];
  readonly environment: Result<Environment> | null;
}> {
  const wanted = wantedOf(config);
  if (asking === null) return { findings: withoutRailway(config, wanted), environment: null };
  const { token, refusal } = await tokenFinding(asking);
  const seen: Finding[] = [];
  const acts: Finding[] = [];
  let environment: Result<Environment> | null = null;
  if (refusal === null) {
    await asking.rest();
    environment = await asking.railway.environment(asking.call);
    seen.push(environmentFinding(environment));
    for (const target of config.targets.filter(({ service }) => service !== null)) {
      const found = await askService(asking, environment, target, wanted);
      seen.push(found.target);
      acts.push(...found.acts);
    }
  } else {
    const { answer } = failed(refusal);
    acts.push(
      ...wanted.map((want) => actFinding(want, answer, "Railway does not confirm the token")),
    );
  }
  return { findings: [token, ...seen, ...acts, quotaFinding(asking.railway)], environment };
}

/** An act on a service that the configuration may lead to. */
interface Wanted {
  readonly action: string;
  readonly target: string;
  readonly mode: Mode;
}

/** Each action on each target once, with the highest of its modes; acts on switches go another way. */
function wantedOf(config: Config): readonly Wanted[] {
  const all = [
    ...possibleActs(config).map(({ traits, target, mode }) => ({
      action: traits.kind,
      target: target.name,
      mode,
    })),
    // A variable is the last resort of a switch, and waits for a person in every mode.
    ...config.switches.flatMap(({ variable }) =>
      variable === null || variable === undefined
        ? []
        : [{ action: "variable", target: variable.target, mode: "suggest" as const }],
    ),
    ...looksOf(config),
  ].filter(({ action }) => action !== "switch");
  const known = new Map<string, Wanted>();
  for (const one of all) {
    const key = `${one.action} ${one.target}`;
    const before = known.get(key);
    if (before === undefined || ORDER.indexOf(one.mode) > ORDER.indexOf(before.mode))
      known.set(key, one);
  }
  return [...known.values()];
}

/** What only reads the platform; `look` asks the target itself. */
function looksOf({ targets, rules }: Config): readonly Wanted[] {
  return targets.flatMap((target) => {
    if (target.service === null) return [];
    return kindsOf(target).flatMap(({ kind }) =>
      Object.values(rules.runbooks[kind]?.slots ?? {}).flatMap(({ action }) =>
        rules.actions[action]?.effect === "look" && action !== "look"
          ? [{ action, target: target.name, mode: "auto" as const }]
          : [],
      ),
    );
  });
}

const ORDER: readonly Mode[] = ["shadow", "suggest", "auto"];

function withoutRailway({ railway }: Config, wanted: readonly Wanted[]): readonly Finding[] {
  const missing = [
    ...(railway.token === null ? ["RAILWAY_TOKEN"] : []),
    ...(railway.projectId === null ? ["RAILWAY_PROJECT_ID"] : []),
    ...(railway.environmentId === null ? ["RAILWAY_ENVIRONMENT_ID"] : []),
  ].join(", no ");
  return [
    {
      about: "token",
      name: "Railway",
      answer: wanted.length === 0 ? "off" : "no",
      detail: `no ${missing}`,
    },
    ...wanted.map((want) => actFinding(want, "no", "nobody can ask Railway")),
  ];
}

/** With these it is certain that the token is of no use; the others only say that Railway did not answer well. */
const REFUSED: readonly ProblemCode[] = ["railway-bad-token", "railway-not-authorized"];

async function tokenFinding({
  railway,
  call,
  rest,
}: Asking): Promise<{ readonly token: Finding; readonly refusal: Problem | null }> {
  const identity = await railway.identify(call);
  const found = (answer: Finding["answer"], detail: string): Finding => ({
    about: "token",
    name: "Railway",
    answer,
    detail,
  });
  if (!identity.ok) {
    const { code, detail } = identity.problem;
    const words = REFUSED.includes(code) ? "it is refused" : "Railway did not say";
    return { token: found("no", `${words}: ${detail} (${code})`), refusal: identity.problem };
  }
  if (identity.value.kind === "project")
    return { token: found("yes", identity.value.label), refusal: null };
  await rest();
  const account = await railway.isAccount(call);
  const kind = account.ok ? (account.value ? "account" : "workspace") : "account or workspace";
  const detail = `${kind} ${identity.value.label}: it may do far more than the runbooks ask`;
  return { token: found("yes", detail), refusal: null };
}

function environmentFinding(read: Result<Environment>): Finding {
  const about = "environment";
  if (!read.ok) return { about, name: about, ...failed(read.problem) };
  const { name, services, moreServices } = read.value;
  const names = services.map(({ serviceName }) => serviceName).sort();
  const more = moreServices ? ", and more than one page holds" : "";
  const detail = `sees ${names.length === 0 ? "no service" : names.join(", ")}${more}`;
  return { about, name, answer: "yes", detail };
}

async function askService(
  asking: Asking,
  environment: Result<Environment>,
  target: TargetConfig,
  wanted: readonly Wanted[],
): Promise<{ readonly target: Finding; readonly acts: readonly Finding[] }> {
  const { railway, call, rest } = asking;
  const own = wanted.filter((want) => want.target === target.name);
  const about = { about: "target", name: target.name } as const;
  const service = environment.ok ? serviceIn(environment.value, target.service ?? "") : environment;
  await rest();
  const look = service.ok ? await railway.look(service.value.serviceId, call) : service;
  if (!service.ok || !look.ok) {
    const found = failed(look.ok ? problem("railway-unreadable") : look.problem);
    const words = "its service cannot be looked at";
    return {
      target: { ...about, ...found },
      acts: own.map((want) => actFinding(want, found.answer, words)),
    };
  }
  const { serviceId, serviceName } = service.value;
  const acts: Finding[] = [];
  for (const want of own) acts.push(await askAct(asking, want, serviceId, look.value));
  const detail = `${serviceName}${weaker(look.value)}`;
  return { target: { ...about, answer: "yes", detail }, acts };
}

/** Without executions a restart is proven by less. */
function weaker({ executions }: Look): string {
  return executions.ok
    ? ""
    : `; its executions cannot be read, so there is less evidence of a restart (${executions.problem.code})`;
}

async function askAct(
  asking: Asking,
  want: Wanted,
  serviceId: string,
  look: Look,
): Promise<Finding> {
  const refusal = await refusalOf(want.action, asking, serviceId, look);
  if (refusal !== null) {
    const { answer, detail } = failed(refusal);
    return actFinding(want, answer, detail);
  }
  const report = reportOf(want.action, asking.railway.tokenKind);
  return report === null
    ? actFinding(
        want,
        "unknown",
        "its reads work; Railway publishes no rights, so the first time tells",
      )
    : actFinding(want, "expected", `its reads work; ${report}`);
}

function actFinding(
  { action, target, mode }: Wanted,
  answer: Finding["answer"],
  detail: string,
): Finding {
  return { about: "action", name: `${action} of ${target} (${mode})`, answer, detail };
}

/** Railway counts per account or workspace, so that others use it up too. */
function quotaFinding(railway: Railway): Finding {
  const { told, limit, blockedUntil } = railway.budget();
  const of = (answer: Finding["answer"], detail: string): Finding => ({
    about: "quota",
    name: "requests",
    answer,
    detail,
  });
  if (blockedUntil !== null)
    return of("no", `Railway asks to wait until ${new Date(blockedUntil).toISOString()}`);
  if (told === null) return of("unknown", `Railway did not say; the plan has ${limit} an hour`);
  return of(
    told === 0 ? "no" : "yes",
    `${told} left by Railway's word; the plan has ${limit} an hour`,
  );
}
