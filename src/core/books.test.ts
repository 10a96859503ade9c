import { describe, expect, it } from "vitest";

import { Theatre } from "../../test/support/theatre.ts";
import { KEEP_MS } from "../domain/apply.ts";
import { eventId } from "../domain/ids.ts";
import { problem, type ProblemCode } from "../domain/problem.ts";

function start(stage: Theatre, doubt?: ProblemCode): Theatre {
  stage.dispatch({
    id: eventId("start", stage.now),
    at: stage.now,
    cause: null,
    type: "start",
    version: "1",
    ...(doubt === undefined ? {} : { doubt: problem(doubt) }),
  });
  return stage.pass(10);
}

const restart = (stage: Theatre): string =>
  stage.untilRemedy().request("remedy").attempt("remedy").state;

describe("books that may not know what was done before", () => {
  it("cap every mode at suggest, and people are told", () => {
    const stage = start(new Theatre(), "books-empty");
    expect(stage.notices).toMatchObject([
      { kind: "capped", title: "I only suggest: my books do not know what was done before" },
    ]);
    expect(restart(stage)).toBe("awaiting-approval");
    expect(stage.attempt("remedy").problem?.code).toBe("books-empty");
    // A switch neither, so the incident went on without it; looks change nothing and are done.
    expect(stage.attempt("contain")).toMatchObject({
      startedAt: null,
      problem: { code: "books-empty" },
    });
    expect(stage.attempt("inspect").state).toBe("seen");
  });

  it("are known well enough after the longest look-back, also over a restart in between", () => {
    const stage = start(start(new Theatre(), "books-empty").pass(KEEP_MS / 2));
    expect(restart(stage)).toBe("awaiting-approval");
    const later = start(start(new Theatre(), "books-empty").pass(KEEP_MS));
    expect(restart(later)).toBe("started");
    expect(later.world.marks.booksDoubt).toBeNull();
  });

  it("count as lost as long as they are not on the volume, and no longer", () => {
    const stage = start(new Theatre(), "books-outside-volume").pass(2 * KEEP_MS);
    expect(restart(stage)).toBe("awaiting-approval");
    const moved = start(start(new Theatre(), "books-outside-volume"));
    expect(restart(moved)).toBe("started");
    expect(moved.told.filter((kind) => kind === "capped")).toHaveLength(1);
  });

  it("are no reason without a doubt", () => {
    const stage = start(new Theatre());
    expect(stage.notices).toEqual([]);
    expect(restart(stage)).toBe("started");
  });
});
