import { z } from "zod";

import type { Hint, Severity } from "../domain/hint.ts";
import { oneLine } from "../domain/text.ts";
import { ABOUT_MAX, WORDS_MAX, type Reading } from "./hook.ts";

/** A text where there is one; anything else is as if it were not there. Numbers are read as ids. */
export const Text = z
  .union([z.string(), z.number().transform(String)])
  .optional()
  .catch(undefined);

/** A group of keys of which only these are of interest; anything else in its place is an empty one. */
export function group<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.object(shape).optional().catch(undefined);
}

/** Texts by name; values of other types are left out. */
export const Labels = z
  .record(z.string(), z.unknown())
  .catch({})
  .transform((labels): { readonly [name: string]: string } =>
    Object.fromEntries(
      Object.entries(labels).flatMap(([name, value]) =>
        typeof value === "string" && value !== "" ? [[name, value]] : [],
      ),
    ),
  );

/** A hint with its texts made harmless and everything that the source did not say. */
export function hint(
  said: Pick<Hint, "about" | "words"> & Partial<Omit<Hint, "about" | "words">>,
): Hint {
  return {
    state: "note",
    severity: "info",
    id: null,
    environment: null,
    count: null,
    ...said,
    alert: oneLine(said.alert ?? said.about, ABOUT_MAX),
    names: present(said.names ?? []).slice(0, NAMES_MAX),
    about: oneLine(said.about, ABOUT_MAX),
    words: oneLine(said.words, WORDS_MAX),
  };
}

const NAMES_MAX = 12;

export function refused(why: string): Reading {
  return { kind: "refused", why };
}

/** The texts that are there and not empty. */
export function present(texts: readonly (string | undefined)[]): readonly string[] {
  return texts.flatMap((text) => (text === undefined || text.trim() === "" ? [] : [text.trim()]));
}

/** How the world calls what Signalman calls critical, error, warning and info. Unknown words are a warning. */
export function severityOf(word: string | undefined): Severity {
  const known = SEVERITY_WORDS[(word ?? "").trim().toLowerCase()];
  return known ?? "warning";
}

const SEVERITY_WORDS: { readonly [word: string]: Severity } = {
  critical: "critical",
  crit: "critical",
  page: "critical",
  fatal: "critical",
  emergency: "critical",
  disaster: "critical",
  p1: "critical",
  sev1: "critical",
  error: "error",
  major: "error",
  high: "error",
  p2: "error",
  sev2: "error",
  warning: "warning",
  warn: "warning",
  info: "info",
  informational: "info",
  notice: "info",
  none: "info",
  debug: "info",
  low: "info",
};
