import { MACHINES } from "../../state-machines/index.ts";
import { build } from "./build.ts";
import { checkScopes } from "./check-scopes.ts";
import { checkTargets } from "./check-targets.ts";
import type { Config } from "./config.ts";
import { deadEndsOf } from "./dead-ends.ts";
import { readDocument, type SourceDocument } from "./document.ts";
import { readSurroundings, type Environment } from "./environment.ts";
import { inOrder, type Fault, type FaultCode, type Path } from "./fault.ts";
import { readText } from "./files.ts";
import { fromIssues } from "./issues.ts";
import { readDetect, type Detect } from "./detect.ts";
import { reasonAboutDetection } from "./detection.ts";
import { readLimits, type Limits } from "./limits.ts";
import { freeze, groupOf, listOf } from "./plain.ts";
import { resolveReferences } from "./references.ts";
import { loadRunbooks, withOwn } from "./runbooks.ts";
import { reasonAboutSafety } from "./safety.ts";
import { Schema } from "./schema.ts";
import { hint } from "./suggest.ts";
import { checkWatched, readVerify, type Verify } from "./verify.ts";
import { warningsOf } from "./warnings.ts";

export type { Config } from "./config.ts";
export type { Fault } from "./fault.ts";

export type Loaded =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export interface LoadOptions {
  readonly signal?: AbortSignal;
  /** A folder of runbooks instead of the shipped one. */
  readonly runbooks?: string;
  /**
   * Also what takes up to a second: the machines are walked with the events of this configuration. For `check`; no configuration of the
   * shipped machines is refused for it.
   */
  readonly walks?: boolean;
}

const FILE_BYTES_MAX = 1024 * 1024;

/**
 * Reads `signalman.yaml`, what it refers to, the runbooks and the environment. Either everything fits, or all
 * faults come in one go, in the order of the file. No fault and no warning holds the value of a secret.
 * Throws only when the signal ends it.
 */
export async function loadConfig(
  source: string,
  env: Environment,
  options: LoadOptions = {},
): Promise<Loaded> {
  const { signal } = options;
  const around = readSurroundings(env);
  const shipped = await loadRunbooks(options.runbooks, signal);
  const outside = [...around.faults, ...(shipped.ok ? [] : shipped.faults)];

  const text = await readText(source, FILE_BYTES_MAX, signal);
  if (!text.ok) {
    const code = text.missing ? "file-missing" : "file-unreadable";
    return refuse([...outside, fileFault(code, text.why)]);
  }
  const reading = readDocument(text.text);
  if (!reading.ok) return refuse([...outside, ...reading.faults]);

  const { document } = reading;
  const resolved = await resolveReferences(document, { env, source, signal });
  const { tree } = resolved;
  const parsed = Schema.safeParse(tree);
  const issues = parsed.success ? [] : parsed.error.issues;
  const unjudged = issues.filter((issue) => !resolved.isJudged(issue.path.map(stepOf)));
  const bounds = readByMachine(document, tree, "limits", (path, machine, written) => {
    const { limits: value, faults } = readLimits(document, path, machine, written);
    return { value, faults };
  });
  const proving = readByMachine(document, tree, "verify", (path, machine, written) => {
    const { verify: value, faults } = readVerify(document, path, machine, written);
    return { value, faults };
  });
  const detecting = readAllDetect(document, tree);
  const faults = [
    ...outside,
    ...reading.faults,
    ...resolved.faults,
    ...fromIssues(unjudged, { document, schema: Schema, tree, isHidden: resolved.isHidden }),
    ...checkTargets(document, tree, around.surroundings.ownService),
    ...checkScopes(document, tree),
    ...bounds.faults,
    ...proving.faults,
    ...detecting.faults,
  ];
  if (!parsed.success || !shipped.ok || faults.length > 0) return refuse(faults);

  const limits: { readonly [machine: string]: Limits } = bounds.all;
  const verify: { readonly [machine: string]: Verify } = proving.all;
  const runbooks = shipped.runbooks.map((runbook) => {
    const { machine } = runbook;
    return withOwn(runbook, { limits: limits[machine], verify: verify[machine] });
  });
  const settings = parsed.data;
  const { surroundings } = around;
  const warnings = [...around.warnings, ...warningsOf(settings, runbooks, surroundings)];
  const { detect } = detecting;
  const config = build({
    settings,
    tree,
    surroundings,
    runbooks,
    limits,
    detect,
    warnings,
    source,
  });
  const unwatched = checkWatched(document, verify, config.targets);
  if (unwatched.length > 0) return refuse(unwatched);
  const deadEnds = options.walks === true ? deadEndsOf(config).faults : [];
  if (deadEnds.length > 0) {
    return refuse(
      deadEnds.map(({ target, message }) =>
        document.fault(
          "state-without-end",
          target === null ? ["hooks"] : ["targets", target],
          message,
        ),
      ),
    );
  }
  const unseen = reasonAboutDetection(config).warnings;
  const unsafe = reasonAboutSafety(config).warnings;
  return { ok: true, config: freeze({ ...config, warnings: [...warnings, ...unseen, ...unsafe] }) };
}

function refuse(faults: readonly Fault[]): Loaded {
  return { ok: false, faults: inOrder(faults) };
}

function fileFault(code: FaultCode, message: string): Fault {
  return { code, path: "", line: 0, column: 0, message };
}

function stepOf(step: PropertyKey): string | number {
  return typeof step === "number" ? step : String(step);
}

/** `detect` of each target of the file. */
function readAllDetect(
  document: SourceDocument,
  tree: unknown,
): { readonly detect: readonly Detect[]; readonly faults: readonly Fault[] } {
  const read = listOf(groupOf(tree)["targets"]).map((target, index) =>
    readDetect(document, ["targets", index, "detect"], groupOf(target)["detect"]),
  );
  return {
    detect: read.map(({ detect }) => detect),
    faults: read.flatMap(({ faults }) => faults),
  };
}

/** `limits` or `verify` of the file, by machine. */
function readByMachine<T>(
  document: SourceDocument,
  tree: unknown,
  key: "limits" | "verify",
  read: (path: Path, machine: string, written: unknown) => Reading<T>,
): { readonly all: { readonly [machine: string]: T }; readonly faults: readonly Fault[] } {
  const all: Record<string, T> = {};
  const faults: Fault[] = [];
  const machines = Object.keys(MACHINES);
  for (const [machine, written] of Object.entries(groupOf(groupOf(tree)[key]))) {
    const path = [key, machine];
    if (!machines.includes(machine)) {
      const message = `there is no machine "${machine}"${hint(machine, machines)}`;
      faults.push(document.faultAtKey("machine-unknown", path, message));
      continue;
    }
    const one = read(path, machine, written);
    all[machine] = one.value;
    faults.push(...one.faults);
  }
  return { all, faults };
}

interface Reading<T> {
  readonly value: T;
  readonly faults: readonly Fault[];
}
