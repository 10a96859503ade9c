import { AFTER_A_RELEASE, isCrashed, NOT_TO_TOUCH } from "../response/diagnosis.ts";
import type { Rule } from "../vocabulary.ts";

export const rules: readonly Rule[] = [
  ...NOT_TO_TOUCH,
  {
    cause: "cannot-look",
    advice: "leave",
    when: ({ problem }) => problem === "tls-failed" || problem === "dns-failed",
  },
  AFTER_A_RELEASE,
  { cause: "crashed", advice: "remedy", when: ({ seen }) => isCrashed(seen) },
  {
    // It says itself what it misses, and a restart brings no dependency back.
    cause: "calls-itself-unwell",
    words: "the app calls itself unwell",
    advice: "leave",
    when: ({ problem }) => problem === "unexpected-body",
  },
  { cause: "not-answering", advice: "remedy", when: ({ problem }) => problem === "timeout" },
  {
    cause: "answering-with-errors",
    words: "the process runs and answers with errors",
    advice: "remedy",
    when: ({ problem }) => problem === "unexpected-status",
  },
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
