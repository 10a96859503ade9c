import { z } from "zod";

const service = z.string().min(1);
const operation = z.enum([
  "deploymentRestart",
  "deploymentRollback",
  "deploymentRedeploy",
  "deploymentCancel",
  "deploymentStop",
  "serviceInstanceRedeploy",
  "serviceInstanceDeployV2",
  "serviceInstanceAutoDeployUpdate",
  "environmentPatchCommit",
  "variableUpsert",
  "variableDelete",
]);
const field = z.string().regex(/^[A-Za-z]+$/);
const times = z.number().int().positive().optional();
const ms = z.number().int().nonnegative().max(600_000);
const retryAfter = z.number().int().nonnegative().optional();
const kinds = z
  .array(
    z.enum([
      "executions",
      "instances",
      "status",
      "process-start",
      "deployments",
      "config",
      "variables",
      "metrics",
      "http",
      "logs",
    ]),
  )
  .min(1);

/** Everything that can be injected, by `POST /twin/faults` or `Twin.inject`. `times` absent means until cleared. */
export const faultSchema = z.discriminatedUnion("fault", [
  z.strictObject({ fault: z.literal("kill"), service }),
  z.strictObject({ fault: z.literal("pause"), service }),
  z.strictObject({ fault: z.literal("refuse"), service }),
  z.strictObject({ fault: z.literal("restart-fails"), service, times }),
  z.strictObject({ fault: z.literal("crash-loop"), service, everyMs: ms.min(100) }),
  z.strictObject({ fault: z.literal("leak"), service: z.literal("tradesense-backend") }),
  z.strictObject({ fault: z.literal("release"), service }),
  z.strictObject({ fault: z.literal("metrics-gap") }),
  z.strictObject({ fault: z.literal("unknown-field"), field }),
  z.strictObject({
    fault: z.literal("withhold-evidence"),
    kinds: kinds.optional(),
    how: z.enum(["hide", "error"]).optional(),
  }),
  z.strictObject({ fault: z.literal("delay-evidence"), ms, kinds: kinds.optional() }),
  z.strictObject({ fault: z.literal("lose-answer"), operation, times }),
  z.strictObject({
    fault: z.literal("late-mutation"),
    operation,
    ms,
    times,
    how: z.enum(["destroy", "hang"]).optional(),
  }),
  z.strictObject({ fault: z.literal("never-executed"), operation, times }),
  z.strictObject({
    fault: z.literal("refuse-mutation"),
    operation,
    message: z.string().min(1),
    times,
  }),
  z.strictObject({ fault: z.literal("hold-mutation"), operation, times }),
  z.strictObject({ fault: z.literal("hold-before"), operation, times }),
  z.strictObject({
    fault: z.literal("graphql"),
    how: z.enum(["429", "html-403", "502", "hang", "garbage"]),
    times,
    retryAfter,
  }),
  z.strictObject({
    fault: z.literal("slack"),
    how: z.enum(["429", "500", "hang", "down"]),
    times,
    retryAfter,
  }),
  z.strictObject({ fault: z.literal("platform-incident"), message: z.string().min(1) }),
  z.strictObject({
    fault: z.literal("volume"),
    service,
    state: z.enum([
      "DELETED",
      "DELETING",
      "ERROR",
      "MIGRATING",
      "MIGRATION_PENDING",
      "READY",
      "RESTORING",
      "UPDATING",
    ]),
    currentSizeMB: z.number().nonnegative().optional(),
  }),
  z.strictObject({ fault: z.literal("autodeploy-locked"), service, reason: z.string().min(1) }),
  z.strictObject({
    fault: z.literal("deployment"),
    service,
    status: z.enum([
      "BUILDING",
      "CRASHED",
      "DEPLOYING",
      "FAILED",
      "INITIALIZING",
      "NEEDS_APPROVAL",
      "QUEUED",
      "REMOVED",
      "REMOVING",
      "SKIPPED",
      "SLEEPING",
      "SUCCESS",
      "WAITING",
    ]),
  }),
]);

export type Fault = z.infer<typeof faultSchema>;
export type FaultName = Fault["fault"];
export type FaultOf<N extends FaultName> = Extract<Fault, { fault: N }>;
export type Evidence = z.infer<typeof kinds>[number];

/** A fault in force since `since` (unix ms); `left` counts down where it was given `times`. */
export type ActiveFault<F extends Fault = Fault> = { fault: F; since: number; left?: number };

/** The names a fault can have. */
export const faultNames: readonly string[] = faultSchema.options.map(
  (option) => option.shape.fault.value,
);

export type Faults = {
  list(): ActiveFault[];
  /** Puts a fault in force, in place of an earlier one of the same name on the same service or operation. */
  add(fault: Fault, now: number): void;
  /** The fault in force under this name, if there is one (on this service or operation, when given). */
  find<N extends FaultName>(name: N, on?: string): ActiveFault<FaultOf<N>> | undefined;
  /** Like `find`, and uses up one of its `times`. */
  take<N extends FaultName>(name: N, on?: string): FaultOf<N> | undefined;
  /** Ends the faults of that name (on that service or operation, when given), or all; returns those that ended. */
  drop(name?: string, on?: string): ActiveFault[];
};

/** The faults in force. */
export function createFaults(): Faults {
  let active: ActiveFault[] = [];
  const find = <N extends FaultName>(name: N, on?: string) =>
    active.find((it): it is ActiveFault & ActiveFault<FaultOf<N>> => is(it.fault, name, on));
  return {
    list: () => [...active],
    add(fault, now) {
      active = active.filter((it) => !is(it.fault, fault.fault, subject(fault)));
      const times = "times" in fault ? fault.times : undefined;
      active.push({ fault, since: now, ...(times === undefined ? {} : { left: times }) });
    },
    find,
    take(name, on) {
      const found = find(name, on);
      if (found === undefined) return undefined;
      if (found.left !== undefined) found.left -= 1;
      if (found.left === 0) active = active.filter((it) => it !== found);
      return found.fault;
    },
    drop(name, on) {
      const ended = active.filter((it) => name === undefined || is(it.fault, name, on));
      active = active.filter((it) => !ended.includes(it));
      return ended;
    },
  };
}

/** Reads a fault; the failure is a sentence that says what was expected. */
export function readFault(body: unknown): { ok: true; fault: Fault } | { ok: false; why: string } {
  const read = faultSchema.safeParse(body);
  if (read.success) return { ok: true, fault: read.data };
  const name =
    typeof body === "object" && body !== null && "fault" in body ? String(body.fault) : "";
  if (!faultNames.includes(name)) {
    return { ok: false, why: `Expected "fault" to be one of ${faultNames.join(", ")}.` };
  }
  const wrong = read.error.issues.map((it) =>
    `${it.path.join(".")}: ${it.message}`.replace(/^: /, ""),
  );
  return { ok: false, why: `The fault "${name}" is not as expected: ${wrong.join("; ")}.` };
}

function is(fault: Fault, name: string, on: string | undefined): boolean {
  return fault.fault === name && (on === undefined || subject(fault) === on);
}

function subject(fault: Fault): string | undefined {
  if ("service" in fault) return fault.service;
  return "operation" in fault ? fault.operation : undefined;
}
