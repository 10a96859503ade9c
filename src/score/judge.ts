import type { Attempt } from "../domain/attempt.ts";
import type { PlatformChange } from "../domain/facts.ts";
import { textOf, type Json } from "../domain/json.ts";
import type { ProblemCode } from "../domain/problem.ts";
import { spell, timeOfDay, type Instant } from "../domain/time.ts";
import type { Case, End, Judgement, JudgementCode, Verdict } from "./case.ts";

/**
 * Whether an act that was not done would have helped. Pure: the same rows give the same verdict. The first rule that fits decides, in
 * the order of docs/reference/score.md.
 */
export function judge(of: Case): Judgement {
  const { end, attempt } = of;
  if (end === null) return say("unknown", "still-open", "the incident is still open");
  return wrongWish(of, end) ?? kept(attempt, end) ?? inTime(attempt, end) ?? byWhatWasDone(of, end);
}

/** When it was wanted, and from when on its effect would have been there. */
function timesOf({ endedAt, plannedAt, settlesAt }: Attempt): {
  wanted: Instant;
  settled: Instant;
} {
  const wanted = endedAt ?? plannedAt;
  return { wanted, settled: settlesAt ?? wanted };
}

function say(verdict: Verdict, code: JudgementCode, text: string): Judgement {
  return { verdict, code, text };
}

/** There was nothing wrong, it was another's failure, there was nothing to act on, or something was under way. */
function wrongWish(of: Case, { ending }: End): Judgement | null {
  const { attempt, shownThen } = of;
  if (ending === "false-alarm")
    return say("hurt", "false-alarm", "nothing was wrong: it ended as a false alarm");
  if (ending === "attached")
    return say("hurt", "wrong-incident", "it was the symptom of another incident");
  const code = attempt.objection?.code ?? refusalOf(attempt.plan["refusal"]);
  if (code !== null && NOTHING_TO_ACT_ON.includes(code))
    return say("hurt", "invalid-target", `there was nothing valid to act on (${code})`);
  if (attempt.objection !== undefined || shownThen === null) return null;
  const { wanted } = timesOf(attempt);
  const hidden = of.changes?.find(
    (one) =>
      one.what === "deployment" &&
      one.at <= wanted &&
      !shownThen.some(({ deployment }) => deployment === one.deployment),
  );
  return hidden === undefined
    ? null
    : say(
        "hurt",
        "would-have-collided",
        `${hidden.words} was under way since ${timeOfDay(hidden.at)}, and not shown yet`,
      );
}

/** With these there was nothing for the act to act on: the wish itself was wrong, whoever would have stopped it. */
const NOTHING_TO_ACT_ON: readonly string[] = [
  "no-rollback-target",
  "nothing-deployed",
  "nothing-in-flight",
  "volume-forbids-replicas",
  "replicas-capped",
  "autodeploy-locked",
  "railway-no-service",
  "own-service",
] satisfies ProblemCode[];

function refusalOf(refusal: Json | undefined): string | null {
  if (typeof refusal !== "object" || refusal === null || !("code" in refusal)) return null;
  return textOf(refusal.code);
}

/** A safeguard would have kept it back, in any mode. */
function kept({ objection }: Attempt, { wellAt }: End): Judgement | null {
  if (objection === undefined) return null;
  const { code, retryAt } = objection;
  // Whoever stands back gives up at the end of it, so that a person gets the incident.
  const isOver = retryAt !== undefined && code !== "somebody-acting";
  return isOver && (wellAt === null || wellAt > retryAt)
    ? say(
        "unknown",
        "hold-would-have-ended",
        `held back (${code}) only until ${timeOfDay(retryAt)}`,
      )
    : say("no-difference", "held-back", `a safeguard would have kept it back (${code})`);
}

/** Whether it certainly still failed when the act would have had its effect. `null`: it did. */
function inTime(attempt: Attempt, { wellAt, unseenFrom }: End): Judgement | null {
  const { wanted, settled } = timesOf(attempt);
  if (wellAt === null)
    return say("unknown", "not-seen-well", "it ended before anybody saw it well");
  const given = `the act is given ${spell(settled - wanted)}`;
  if (wellAt <= settled)
    return say(
      "no-difference",
      "over-before-it",
      `well again ${spell(Math.max(0, wellAt - wanted))} after it was wanted; ${given}`,
    );
  return unseenFrom !== null && unseenFrom <= settled
    ? say(
        "unknown",
        "not-looked",
        `from ${timeOfDay(unseenFrom)} on nobody saw whether it still failed; ${given}`,
      )
    : null;
}

/** It certainly failed for longer than the act would have taken. Whether the act was the right one, only what was done instead can tell. */
function byWhatWasDone(of: Case, { wellAt }: End): Judgement {
  const { attempt, changes } = of;
  const { wanted } = timesOf(attempt);
  const well = wellAt ?? wanted;
  if (changes === null)
    return say(
      "unknown",
      "platform-not-read",
      "what was done instead could not be read at Railway",
    );
  const last = changes.findLast((one) => one.at > wanted && one.at <= well && !isBySelf(of, one));
  const later = `well again ${spell(well - wanted)} after it was wanted`;
  if (last === undefined)
    return say(
      "unknown",
      "came-back-by-itself",
      `${later}, and nobody did anything: whether it was real, or the act would have helped, nobody knows`,
    );
  const done = `${timeOfDay(last.at)}: ${last.words}`;
  // Somebody had to do something, so there was something to contain until then.
  if (attempt.slot === "contain")
    return say("helped", "would-have-contained", `${later}, when somebody acted (${done})`);
  return isSameAct(attempt, last, changes)
    ? say("helped", "person-did-the-same", `${later}, when somebody did the same (${done})`)
    : say("unknown", "something-else-was-done", `${later}, after something else (${done})`);
}

/** Railway starts what crashes anew, until it gives up: what starts after that was started by somebody. */
function isBySelf({ incident }: Case, { what, afterCrash }: PlatformChange): boolean {
  return what === "start" && afterCrash === true && incident.cause !== "crashed";
}

function isSameAct(
  { action, plan }: Attempt,
  { what, release }: PlatformChange,
  changes: readonly PlatformChange[],
): boolean {
  switch (action) {
    case "restart": {
      // Deploying the same code once more starts the process anew as well.
      const ran = changes.find(({ deployment }) => deployment === plan["deploymentId"])?.release;
      return what === "start" || (release !== undefined && release === ran);
    }
    case "redeploy":
      return what === "start" || (release !== undefined && release === releaseIn(plan["present"]));
    case "rollback":
      return (
        what === "deployment" && release !== undefined && release === releaseIn(plan["target"])
      );
    default:
      return false;
  }
}

/** The release that a plan names, in the word in which changes name theirs. */
function releaseIn(identity: Json | undefined): string | null {
  if (typeof identity !== "object" || identity === null || Array.isArray(identity)) return null;
  const { commit, imageDigest, image } = identity as { readonly [name: string]: Json };
  return textOf(commit) || textOf(imageDigest) || textOf(image) || null;
}
