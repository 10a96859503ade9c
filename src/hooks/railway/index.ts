import { z } from "zod";

import type { Severity } from "../../domain/hint.ts";
import type { Hook } from "../hook.ts";
import { group, hint, present, refused, Text } from "../reading.ts";

const Ref = group({ id: Text, name: Text, isEphemeral: z.boolean().optional().catch(undefined) });

const Details = group({
  id: Text,
  status: Text,
  commitHash: Text,
  commitAuthor: Text,
  commitMessage: Text,
});

/** Today's form, and beside it the flat one that was sent until November 2025 (`type: "DEPLOY"`). */
const Body = z.object({
  type: Text,
  severity: Text,
  timestamp: Text,
  status: Text,
  details: Details,
  resource: group({ environment: Ref, service: Ref, deployment: Ref }),
  environment: Ref,
  service: Ref,
  deployment: Ref,
});

/**
 * Railway's webhooks: unsigned, repeated, out of order, with a `details.status` that may contradict `type`. Nothing is
 * taken from them but that something happened to a service. Casing and separators of types vary and are kept as they are.
 */
export const hook: Hook<"railway"> = {
  source: "railway",
  read(body) {
    const read = Body.safeParse(body);
    if (!read.success) return refused("expected a JSON object as Railway sends it");
    const { type = "an event without a type", severity, timestamp, details, resource } = read.data;
    const service = resource?.service ?? read.data.service;
    const environment = resource?.environment ?? read.data.environment;
    const of = details?.id ?? resource?.deployment?.id ?? read.data.deployment?.id;
    // The old form had the state in `status` and the same type for all of them.
    const about = type === "DEPLOY" ? `DEPLOY ${read.data.status ?? ""}` : type;
    const commit = details?.commitHash?.slice(0, 7);
    const words = [
      about,
      ...present([service?.name ?? service?.id]).map((name) => `of ${name}`),
      ...present([commit]).map((hash) => `commit ${hash}`),
      ...present([details?.commitMessage]).map((message) => `"${message}"`),
    ].join(" ");
    return {
      kind: "hints",
      hints: [
        hint({
          about,
          words,
          state: stateOf(type),
          severity: SEVERITY[(severity ?? "").toUpperCase()] ?? "info",
          id: of === undefined || timestamp === undefined ? null : `${about}|${of}|${timestamp}`,
          names: present([service?.id, service?.name]),
          // One of a pull request is another environment, whatever its id.
          environment:
            environment?.isEphemeral === true
              ? `ephemeral ${environment.id}`
              : (environment?.id ?? null),
        }),
      ],
    };
  },
};

const SEVERITY: { readonly [word: string]: Severity } = {
  CRITICAL: "critical",
  WARNING: "warning",
};

/** Only monitors and volumes call something over; a deployment's types tell of moments. */
function stateOf(type: string): "firing" | "resolved" | "note" {
  const [of = "", what = ""] = type.toLowerCase().replaceAll("_", "").split(".");
  if (of !== "monitor" && of !== "volumealert") return "note";
  return what === "triggered" ? "firing" : what === "resolved" ? "resolved" : "note";
}
