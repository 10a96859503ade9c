import type { SourceDocument } from "./document.ts";
import { Duration } from "./duration.ts";
import type { Surroundings } from "./environment.ts";
import type { Fault, Path } from "./fault.ts";
import { KINDS } from "./kinds.ts";
import type { Millis } from "../domain/time.ts";
import { isKind } from "../probes/index.ts";
import { groupOf, listOf, textsOf } from "./plain.ts";
import { asksPlatform } from "./probes.ts";
import { hint } from "./suggest.ts";

/**
 * What a schema cannot see of the targets: how they fit together. Works on a tree that may still be wrong
 * elsewhere, so that everything is found in one go.
 */
export function checkTargets(
  document: SourceDocument,
  tree: unknown,
  own: Surroundings["ownService"],
): readonly Fault[] {
  const targets = listOf(groupOf(tree)["targets"]).map(groupOf);
  const names = namesOf(targets);
  return targets.flatMap((target, index) => {
    const path: Path = ["targets", index];
    return [
      ...checkName(document, path, target, names, index),
      ...checkOwn(document, path, target, own),
      ...checkNeeds(document, path, target, targets),
      ...checkProbes(document, path, target),
    ];
  });
}

type Group = { readonly [key: string]: unknown };

function namesOf(targets: readonly Group[]): readonly string[] {
  return targets.map(({ name }) => (typeof name === "string" ? name : ""));
}

function checkName(
  document: SourceDocument,
  path: Path,
  { name }: Group,
  names: readonly string[],
  index: number,
): readonly Fault[] {
  if (typeof name !== "string" || names.indexOf(name) === index) return [];
  const message = `there is another target "${name}"`;
  return [document.fault("target-duplicate", [...path, "name"], message)];
}

function checkOwn(
  document: SourceDocument,
  path: Path,
  { service, url, probes }: Group,
  own: Surroundings["ownService"],
): readonly Fault[] {
  const mine = [own.id, own.name].flatMap((word) => (word === null ? [] : word.toLowerCase()));
  const isOwn = typeof service === "string" && mine.includes(service.toLowerCase());
  const addresses = [
    { place: [...path, "url"], written: url },
    ...listOf(probes).map((probe, index) => ({
      place: [...path, "probes", index, "url"],
      written: groupOf(probe)["url"],
    })),
  ];
  const places = [
    ...(isOwn ? [[...path, "service"]] : []),
    ...addresses.flatMap(({ place, written }) => (isAt(written, own.hosts) ? [place] : [])),
  ];
  const message = "this is the service Signalman itself runs as; it does not guard itself";
  return places.map((place) => document.fault("own-service", place, message));
}

/** Whether an address leads to one of these hosts. */
function isAt(address: unknown, hosts: readonly string[]): boolean {
  if (typeof address !== "string" || !URL.canParse(address)) return false;
  return hosts.includes(new URL(address).hostname.toLowerCase());
}

function checkNeeds(
  document: SourceDocument,
  path: Path,
  { name, needs }: Group,
  targets: readonly Group[],
): readonly Fault[] {
  const names = namesOf(targets);
  return listOf(needs).flatMap((need, index) => {
    const place = [...path, "needs", index];
    if (typeof need !== "string") return [];
    if (need === name) {
      return [document.fault("needs-self", place, "a target cannot need itself")];
    }
    if (!names.includes(need)) {
      const others = names.filter((other) => other !== name && other !== "");
      const message = `there is no target "${need}"${hint(need, others)}`;
      return [document.fault("needs-unknown", place, message)];
    }
    const circle = circleFrom(targets, [String(name), need]);
    // One word for one circle: at the target that stands first in the file.
    const isFirst = circle?.every((member) => names.indexOf(member) >= names.indexOf(String(name)));
    if (circle === null || isFirst !== true) return [];
    return [document.fault("needs-cycle", place, `a circle: ${circle.join(" needs ")}`)];
  });
}

/** The way from the first name of the trail back to it; null when there is none. */
function circleFrom(targets: readonly Group[], begun: readonly string[]): readonly string[] | null {
  const [first] = begun;
  const seen = new Set<string>();
  const trails = [begun];
  for (let trail = trails.shift(); trail !== undefined; trail = trails.shift()) {
    const last = trail.at(-1) ?? "";
    if (last === first) return trail;
    if (seen.has(last)) continue;
    seen.add(last);
    const needs = textsOf(targets.find(({ name }) => name === last)?.["needs"]);
    trails.push(...needs.filter((need) => need !== last).map((need) => [...trail, need]));
  }
  return null;
}

function checkProbes(document: SourceDocument, path: Path, target: Group): readonly Fault[] {
  const looks = listOf(target["probes"]).map(groupOf);
  const isList = target["probes"] === undefined || Array.isArray(target["probes"]);
  if (isList && looks.length === 0) {
    const message = "no probes: nothing would ever look at this target";
    return [document.fault("target-without-probes", path, message)];
  }
  return looks.flatMap((look, index) => {
    const place = [...path, "probes", index];
    return [
      ...checkAddress(document, place, look, target["url"] !== undefined),
      ...checkService(document, place, look, target["service"] !== undefined),
      ...checkRetry(document, place, look),
    ];
  });
}

/** How often the kind looks by default, in its own words. */
function usualEvery(kind: unknown): Millis | null {
  const known = Object.entries(KINDS).find(([name]) => name === kind)?.[1];
  return known === undefined ? null : known.shape.every.parse(undefined);
}

/** The rule of kinds with a url or a path is asked alone: zod leaves it out while anything else is wrong. */
function checkAddress(
  document: SourceDocument,
  path: Path,
  { kind, url, path: page }: Group,
  hasBase: boolean,
): readonly Fault[] {
  if (!isKind(kind) || !("path" in KINDS[kind].shape)) return [];
  const alone = { kind, ...(url === undefined ? {} : { url: "http://localhost" }) };
  const read = KINDS[kind].safeParse(page === undefined ? alone : { ...alone, path: "/" });
  if (!read.success) {
    const message = read.error.issues[0]?.message ?? "expected either url or path";
    return [document.fault("wrong-value", path, message)];
  }
  if (page === undefined || hasBase) return [];
  const message = "a path needs the target's url, and the target has none";
  return [document.fault("target-without-url", [...path, "path"], message)];
}

function checkService(
  document: SourceDocument,
  path: Path,
  { kind }: Group,
  hasService: boolean,
): readonly Fault[] {
  if (hasService || !isKind(kind) || !asksPlatform({ kind })) return [];
  const message = `a ${kind} probe needs the target's service, and the target has none`;
  return [document.fault("wrong-value", [...path, "kind"], message)];
}

function checkRetry(document: SourceDocument, path: Path, look: Group): readonly Fault[] {
  const written = look["every"];
  const every = written === undefined ? usualEvery(look["kind"]) : lengthOf(written);
  const retry = lengthOf(look["retryEvery"]);
  if (every === null || retry === null || retry <= every) return [];
  const message = "expected no more than `every`: a failing target is looked at sooner, not later";
  return [document.fault("retry-too-long", [...path, "retryEvery"], message)];
}

function lengthOf(written: unknown): Millis | null {
  const read = Duration.safeParse(written);
  return read.success ? read.data : null;
}
