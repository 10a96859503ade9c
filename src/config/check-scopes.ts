import { MACHINES } from "../../state-machines/index.ts";
import { TRAITS } from "../actions/index.ts";
import { BATCH_DETECTORS } from "../detectors/index.ts";
import { HOUR_MS, spell } from "../domain/time.ts";
import type { Registered } from "../probes/definition.ts";
import { probes } from "../probes/index.ts";
import type { SourceDocument } from "./document.ts";
import { Duration } from "./duration.ts";
import type { Fault, Path } from "./fault.ts";
import { groupOf, listOf, textsOf } from "./plain.ts";
import { hint } from "./suggest.ts";

/** Kinds of incident that a probe or a detector of this version can open, and those that have a machine. */
const INCIDENT_KINDS: readonly string[] = [
  ...new Set([
    ...Object.values<Registered>(probes).flatMap(({ opens }) => opens ?? []),
    ...BATCH_DETECTORS.flatMap(({ opens }) => opens ?? []),
    ...Object.keys(MACHINES),
  ]),
];
const ACTION_KINDS: readonly string[] = Object.keys(TRAITS);
const WHOLE: readonly string[] = ["default", "overall"];

/** How switches, modes and the actions' lengths fit to the targets and to each other. */
export function checkScopes(document: SourceDocument, tree: unknown): readonly Fault[] {
  const root = groupOf(tree);
  const targets = listOf(root["targets"]).map(groupOf);
  const names = targets.flatMap(({ name }) => (typeof name === "string" ? [name] : []));
  const switches = groupOf(root["switches"]);
  return [
    ...checkNames(document, names, Object.keys(switches)),
    ...Object.entries(switches).flatMap(([name, value]) => [
      ...checkSwitchTargets(document, ["switches", name], groupOf(value), targets),
      ...checkVariables(document, ["switches", name], groupOf(value), targets),
      ...checkLease(document, ["switches", name], groupOf(value)),
    ]),
    ...checkModes(document, groupOf(root["modes"]), [...names, ...Object.keys(switches)]),
    ...checkLengths(document, groupOf(root["actions"])),
  ];
}

type Group = { readonly [key: string]: unknown };

/** `modes` speaks of all of them by name alone, so no name may mean two things. */
function checkNames(
  document: SourceDocument,
  targets: readonly string[],
  switches: readonly string[],
): readonly Fault[] {
  // `constructor` is what every object answers to.
  const taken = [...WHOLE, ...ACTION_KINDS, ...INCIDENT_KINDS, "constructor"];
  const message = (name: string) =>
    `"${name}" already means something in \`modes\`: choose another name`;
  return [
    ...targets.flatMap((name, index) =>
      taken.includes(name)
        ? [document.fault("name-taken", ["targets", index, "name"], message(name))]
        : [],
    ),
    ...switches.flatMap((name) =>
      taken.includes(name) || targets.includes(name)
        ? [document.faultAtKey("name-taken", ["switches", name], message(name))]
        : [],
    ),
  ];
}

function checkSwitchTargets(
  document: SourceDocument,
  path: Path,
  { targets: chosen }: Group,
  targets: readonly Group[],
): readonly Fault[] {
  if (chosen === undefined) {
    if (targets.some(({ url }) => url !== undefined)) return [];
    const message = "no target has a url, so say in `targets` whose app obeys this switch";
    return [document.faultAtKey("switch-without-targets", path, message)];
  }
  const names = targets.map(({ name }) => String(name));
  return textsOf(chosen).flatMap((name, index) =>
    names.includes(name)
      ? []
      : [
          document.fault(
            "switch-target-unknown",
            [...path, "targets", index],
            `there is no target "${name}"${hint(name, names)}`,
          ),
        ],
  );
}

/** A variable is one of a service: it must be known which. */
function checkVariables(
  document: SourceDocument,
  path: Path,
  { drivers }: Group,
  targets: readonly Group[],
): readonly Fault[] {
  const names = targets.map(({ name }) => String(name));
  return listOf(drivers)
    .map(groupOf)
    .flatMap(({ kind, target }, index) => {
      if (kind !== "variable" || typeof target !== "string") return [];
      const at = [...path, "drivers", index, "target"];
      const found = targets.find(({ name }) => name === target);
      if (found === undefined) {
        const message = `there is no target "${target}"${hint(target, names)}`;
        return [document.fault("switch-target-unknown", at, message)];
      }
      if (found["service"] !== undefined) return [];
      const message = `"${target}" has no service, so it has no variables at Railway`;
      return [document.fault("variable-without-service", at, message)];
    });
}

function checkLease(document: SourceDocument, path: Path, written: Group): readonly Fault[] {
  const lease = Duration.safeParse(written["lease"] ?? "10m");
  const renew = Duration.safeParse(written["renew"] ?? "2m");
  const faults: Fault[] = [];
  if (lease.success && lease.data > HOUR_MS) {
    const message = "expected 1h or less: the app must fall back by itself when Signalman is dead";
    faults.push(document.fault("lease-too-long", [...path, "lease"], message));
  }
  if (lease.success && renew.success && renew.data >= lease.data) {
    const key = written["renew"] === undefined ? "lease" : "renew";
    const message = `expected renew (${spell(renew.data)}) to be shorter than lease (${spell(lease.data)}): it would end between two renewals`;
    faults.push(document.fault("renew-too-long", [...path, key], message));
  }
  return faults;
}

function checkModes(
  document: SourceDocument,
  modes: Group,
  names: readonly string[],
): readonly Fault[] {
  const known = [...WHOLE, ...ACTION_KINDS, ...INCIDENT_KINDS, ...names];
  return Object.keys(modes).flatMap((scope) =>
    known.includes(scope)
      ? []
      : [
          document.faultAtKey(
            "mode-unknown",
            ["modes", scope],
            `no action, kind of incident, target or switch is called "${scope}"${hint(scope, known)}`,
          ),
        ],
  );
}

/** "It did not happen" may only be concluded after the call itself must be over. */
function checkLengths(document: SourceDocument, actions: Group): readonly Fault[] {
  return Object.values(TRAITS).flatMap((traits) => {
    const written = groupOf(actions[traits.kind]);
    const deadline = Duration.safeParse(written["deadline"] ?? `${traits.deadlineMs}ms`);
    const settle = Duration.safeParse(written["settle"] ?? `${traits.settleMs}ms`);
    if (!deadline.success || !settle.success || settle.data >= deadline.data) return [];
    const key = written["settle"] === undefined ? "deadline" : "settle";
    const message = "expected settle to be at least as long as deadline";
    return [document.fault("settle-too-short", ["actions", traits.kind, key], message)];
  });
}
