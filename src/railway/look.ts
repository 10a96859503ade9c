import type { z } from "zod";

import { problem, type Problem } from "../domain/problem.ts";
import { MINUTE_MS, type Instant, type Millis } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Call, Graphql, Refusal, Reply, Variables } from "./graphql.ts";
import { lookAt, OPERATIONS, PARTS, type Part } from "./operations.ts";
import { failure, success, type Result } from "./result.ts";
import { Deployments, Environment, Executions, PlatformStatus } from "./schema.ts";
import type { Deployment, Execution } from "./schema.ts";

/** The raw parts of one look. A part that failed costs only itself. */
export interface Parts {
  readonly environment: Result<Environment>;
  readonly deployments: Result<readonly Deployment[]>;
  readonly executions: Result<readonly Execution[]>;
  readonly platform: Result<PlatformStatus>;
}

export interface Looker {
  /** One request for all parts. Fails as a whole only when no part answered. */
  parts(variables: Variables, call: Call): Promise<Result<Parts>>;
  environment(variables: Variables, call: Call): Promise<Result<Environment>>;
  executions(variables: Variables, call: Call): Promise<Result<readonly Execution[]>>;
  platform(call: Call): Promise<Result<PlatformStatus>>;
  /** Parts this server does not know: never asked for again. */
  leftOut(): { readonly [part in Part]?: Problem };
}

/** How long a part this token may not read is not asked for together with the others. */
const REFUSED_MS: Millis = 10 * MINUTE_MS;

/** Fifty rows each. */
const PAGES_MAX = 20;

type Raw = { [part in Part]?: Result<unknown> };

/** Reads Railway in one request, and finds out which part is to blame when that request is refused. */
export function createLooker(graphql: Graphql, clock: Clock): Looker {
  const unknownParts = new Map<Part, Problem>();
  const refusedParts = new Map<Part, { readonly problem: Problem; readonly until: Instant }>();

  /** Asks for the parts until each has an answer. Roots are non-null, so one failure empties the whole answer. */
  async function ask(variables: Variables, call: Call): Promise<Result<Raw>> {
    const raw: Raw = {};
    for (const part of PARTS) {
      const known = unknownParts.get(part) ?? refused(part);
      if (known !== undefined) raw[part] = failure(known);
    }
    for (let round = 0; round < PARTS.length; round += 1) {
      const pending = PARTS.filter((part) => raw[part] === undefined);
      if (pending.length === 0) break;
      const reply = await graphql.query(lookAt(pending), variables, call);
      const whole = reply.ok ? settle(raw, pending, reply.value) : reply.problem;
      if (whole === null) continue;
      if (!isAboutTheDocument(whole) || pending.length === 1) {
        for (const part of pending) raw[part] = failure(whole);
        if (pending.length === 1 && whole.code === "railway-schema") leaveOut(pending, whole);
        break;
      }
      for (const part of pending) raw[part] = await one(part, variables, call);
    }
    return conclude(raw);
  }

  async function one(part: Part, variables: Variables, call: Call): Promise<Result<unknown>> {
    const reply = await graphql.query(lookAt([part]), variables, call);
    const result = reply.ok ? only(reply.value, part) : reply;
    if (!result.ok && result.problem.code === "railway-schema") leaveOut([part], result.problem);
    return result;
  }

  function conclude(raw: Raw): Result<Raw> {
    const failed = Object.values(raw).filter((result) => !result.ok);
    const [first] = failed;
    if (first !== undefined && failed.length === PARTS.length) {
      refusedParts.clear();
      return failure(first.problem);
    }
    for (const part of PARTS) {
      const result = raw[part];
      if (result?.ok !== false || refusedParts.has(part)) continue;
      if (result.problem.code !== "railway-not-authorized") continue;
      refusedParts.set(part, { problem: result.problem, until: clock.now() + REFUSED_MS });
    }
    return success(raw);
  }

  function refused(part: Part): Problem | undefined {
    const entry = refusedParts.get(part);
    if (entry !== undefined && entry.until <= clock.now()) refusedParts.delete(part);
    return refusedParts.get(part)?.problem;
  }

  function leaveOut(parts: readonly Part[], why: Problem): void {
    for (const part of parts) unknownParts.set(part, why);
  }

  /** Railway promises no order. Where pages run from old to new, the newest rows are on the last one. */
  async function newestFirst(
    first: Result<z.infer<typeof Executions>>,
    variables: Variables,
    call: Call,
  ): Promise<Result<readonly Execution[]>> {
    let page = first;
    for (let pages = 0; page.ok && page.value.next !== null; pages += 1) {
      if (pages === PAGES_MAX) {
        return failure(
          problem("railway-unreadable", "the newest executions are too many pages away"),
        );
      }
      const further = { ...variables, after: page.value.next };
      const reply = await graphql.query(OPERATIONS.MoreExecutions, further, call);
      page = read(reply.ok ? only(reply.value, "executions") : reply, Executions);
    }
    return page.ok ? success(page.value.rows) : page;
  }

  return {
    async parts(variables, call) {
      const asked = await ask(variables, call);
      if (!asked.ok) return asked;
      const raw = asked.value;
      return success({
        environment: read(raw.environment, Environment),
        deployments: read(raw.deployments, Deployments),
        executions: await newestFirst(read(raw.executions, Executions), variables, call),
        platform: read(raw.platform, PlatformStatus),
      });
    },
    async environment(variables, call) {
      const reply = await graphql.query(OPERATIONS.Environment, variables, call);
      return read(reply.ok ? only(reply.value, "environment") : reply, Environment);
    },
    async executions(variables, call) {
      const reply = await graphql.query(OPERATIONS.Executions, variables, call);
      const first = read(reply.ok ? only(reply.value, "executions") : reply, Executions);
      return newestFirst(first, variables, call);
    },
    async platform(call) {
      const reply = await graphql.query(OPERATIONS.Platform, {}, call);
      return read(reply.ok ? only(reply.value, "platform") : reply, PlatformStatus);
    },
    leftOut: () => Object.fromEntries(unknownParts),
  };
}

/** The value of one root field of an answer, or why it is not there. */
export function only(reply: Reply, field: string): Result<unknown> {
  const value = reply.data?.[field] ?? null;
  const refusal = reply.errors.find((error) => error.part === field) ?? reply.errors[0];
  if (refusal !== undefined) return failure(refusal.problem);
  if (value === null) return failure(problem("railway-unreadable", `no ${field} in the answer`));
  return success(value);
}

/** Parses an answer; a part of an unexpected shape is a value too. */
export function read<T>(result: Result<unknown> | undefined, shape: z.ZodType<T>): Result<T> {
  if (result === undefined) return failure(problem("railway-unreadable", "not in the answer"));
  if (!result.ok) return result;
  const parsed = shape.safeParse(result.value);
  if (parsed.success) return success(parsed.data);
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") ?? "";
  return failure(
    problem("railway-unreadable", `unexpected at "${where}": ${issue?.message ?? ""}`),
  );
}

/** Puts what a reply says of each part into `raw`. What concerns all of them is returned instead. */
function settle(raw: Raw, pending: readonly Part[], reply: Reply): Problem | null {
  const blamed = (part: Part): Refusal | undefined =>
    reply.errors.find((error) => error.part === part);
  for (const part of pending) {
    const refusal = blamed(part);
    const value = reply.data?.[part] ?? null;
    if (refusal !== undefined) raw[part] = failure(refusal.problem);
    else if (value !== null) raw[part] = success(value);
  }
  if (pending.some((part) => raw[part] !== undefined)) return null;
  return (
    reply.errors[0]?.problem ?? problem("railway-unreadable", "neither the data nor an error came")
  );
}

/** Worth asking part by part: the document is unknown to the server, or too heavy for it. */
function isAboutTheDocument(found: Problem): boolean {
  return found.code === "railway-schema" || found.code === "railway-refused";
}
