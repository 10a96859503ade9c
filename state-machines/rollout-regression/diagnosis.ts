import { NOT_TO_TOUCH, wasTriedInVain } from "../response/diagnosis.ts";
import type { Rule } from "../vocabulary.ts";

export const rules: readonly Rule[] = [
  // A release that does not start crashes or restarts all the time, and that is why it is taken back.
  ...NOT_TO_TOUCH.filter(({ cause }) => cause !== "restarting" && cause !== "nothing-deployed"),
  {
    cause: "not-the-release",
    words: "the rollback changed nothing, so it was not the release",
    advice: "leave",
    when: (findings) => wasTriedInVain(findings, "rollback"),
  },
  {
    cause: "release-replaced",
    words: "another deployment has replaced the release",
    advice: "wait",
    when: ({ seen: { release } }) => release !== undefined && !release.isLive,
  },
  {
    cause: "bad-release",
    words: "the last release",
    advice: "remedy",
    when: ({ seen }) => seen.release !== undefined,
  },
];
