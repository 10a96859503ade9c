import { isCrashed, NOT_TO_TOUCH } from "../response/diagnosis.ts";
import type { Rule } from "../vocabulary.ts";

/** Above this share a volume counts as full: PostgreSQL stops at the last write-ahead segment, not at 100 %. */
const FULL_SHARE = 0.98;

export const rules: readonly Rule[] = [
  ...NOT_TO_TOUCH,
  {
    cause: "volume-full",
    words: "its volume is full",
    advice: "leave",
    when: ({ seen: { volume } }) => volume !== null && (volume.usedShare ?? 0) >= FULL_SHARE,
  },
  {
    cause: "recovering",
    words: "the database is recovering and asks for patience",
    advice: "wait",
    when: ({ problem }) => problem === "database-recovering",
  },
  {
    // It is there to say so: a restart would cut everybody off and cure nothing.
    cause: "connections-exhausted",
    advice: "leave",
    when: ({ problem }) => problem === "connections-exhausted",
  },
  {
    cause: "cannot-look",
    advice: "leave",
    when: ({ problem }) =>
      problem === "authentication-failed" || problem === "tls-failed" || problem === "dns-failed",
  },
  { cause: "crashed", advice: "remedy", when: ({ seen }) => isCrashed(seen) },
  { cause: "not-answering", advice: "remedy", when: ({ problem }) => problem === "timeout" },
  {
    cause: "refusing-connections",
    advice: "remedy",
    when: ({ problem }) => problem === "connection-refused",
  },
  {
    cause: "dropping-connections",
    advice: "remedy",
    when: ({ problem }) => problem === "connection-reset",
  },
];
