import { expect, it } from "vitest";

import { rulesFor } from "../../test/support/rules.ts";
import { Theatre } from "../../test/support/theatre.ts";
import { apply, KEEP_MS } from "../domain/apply.ts";
import type { Rules } from "../domain/rules.ts";
import { HOUR_MS } from "../domain/time.ts";

/** From a failure to its end: the restart happens, and helps or not. */
function incident(stage: Theatre, helps: boolean): Theatre {
  stage.untilRemedy().request("remedy").outcome("remedy", "seen");
  if (!helps) stage.wait(9_000).verdict("breached").wait(2_000);
  expect(stage.attempt("remedy").state).toBe(helps ? "seen" : "ineffective");
  stage.verdict("healthy").verdict("healthy");
  stage.request("undo").outcome("undo", "seen").wait(3_100).verdict("healthy");
  expect(stage.incident.ending).toBe("resolved");
  // Longer than the books keep an attempt.
  return stage.pass(KEEP_MS + HOUR_MS);
}

const asked = (stage: Theatre) => stage.untilRemedy().request("remedy").attempt("remedy");

const stage = (vain: Partial<Rules["ceilings"]["vain"]> = {}): Theatre => {
  const { ceilings } = rulesFor();
  return new Theatre(rulesFor({ ceilings: { ...ceilings, vain: { ...ceilings.vain, ...vain } } }));
};

it("asks a person before it does for the third time what did not help twice", () => {
  const story = incident(incident(stage(), false), false);
  expect(asked(story)).toMatchObject({
    state: "awaiting-approval",
    problem: { code: "futile-before" },
  });
  expect(story.told.at(-1)).toBe("withheld");
  // The memory is in the books, like everything that was decided.
  const { world } = story.entries.reduce(
    (fold, { seq, at, decision }) => ({ world: apply(fold.world, seq, at, decision.changes) }),
    { world: new Theatre().world },
  );
  expect(world.marks.vain).toEqual(story.world.marks.vain);
});

it("trusts again what helped, and forgets what is long ago", () => {
  const helped = incident(incident(incident(stage(), false), true), false);
  expect(asked(helped).state).toBe("started");
  const old = incident(incident(stage({ withinMs: 30 * HOUR_MS }), false), false);
  expect(asked(old).state).toBe("started");
  const never = incident(incident(stage({ incidents: 1, withinMs: 0 }), false), false);
  expect(asked(never).state).toBe("started");
});

it("asks after a single one where the operator wants it", () => {
  expect(asked(incident(stage({ incidents: 1 }), false)).state).toBe("awaiting-approval");
});
