import { describe, expect, test } from "vitest";

import { release } from "../release.fixture.ts";
import { chooseTarget, whyNoTarget } from "./target.ts";

// Newest first, as they are read; the first one is what serves and has to go.
const BAD = release("bad", 50, { commit: "b", canRollback: false, status: "SUCCESS" });
const GOOD = { commit: "a" } as const;

describe("the target of a rollback", () => {
  test.each([
    ["the release before", [release("r1", 40, GOOD)], "r1"],
    ["the newest of several", [release("r2", 40, GOOD), release("r1", 30, GOOD)], "r2"],
    [
      "of a commit that was deployed three times, the newest",
      [release("r3", 30, GOOD), release("r2", 20, GOOD), release("r1", 10, GOOD)],
      "r3",
    ],
    ["whatever order they come in", [release("r1", 10, GOOD), release("r2", 20, GOOD)], "r2"],
    [
      "not the bad commit deployed before",
      [release("same", 45, { commit: "b" }), release("r1", 40, GOOD)],
      "r1",
    ],
    ["one that is being removed", [release("r1", 40, { ...GOOD, status: "REMOVING" })], "r1"],
    ["one that sleeps", [release("r1", 40, { ...GOOD, status: "SLEEPING" })], "r1"],
    ...(["FAILED", "SKIPPED", "CRASHED", "BUILDING", "NEEDS_APPROVAL", "TOMORROW"] as const).map(
      (status) =>
        [
          `not one that is ${status}`,
          [release("x", 45, { ...GOOD, status }), release("r1", 40, GOOD)],
          "r1",
        ] as const,
    ),
    [
      "not one whose image is gone",
      [release("x", 45, { ...GOOD, canRollback: false }), release("r1", 40, GOOD)],
      "r1",
    ],
    [
      "not one that came after the bad one",
      [release("later", 60, { commit: "c" }), release("r1", 40, GOOD)],
      "r1",
    ],
    [
      "not one that does not say what it runs",
      [release("x", 45, { commit: null, imageDigest: null }), release("r1", 40, GOOD)],
      "r1",
    ],
  ] as const)("is %s", (_name, others, expected) => {
    expect(chooseTarget([BAD, ...others], BAD)?.id).toBe(expected);
  });

  test("is not what somebody went back from before", () => {
    const history = [
      release("again", 60, { commit: "a", canRollback: false, status: "SUCCESS" }),
      release("bad", 50, { commit: "b" }),
      release("good", 40, { commit: "a" }),
    ];
    const [live] = history;
    if (live === undefined) throw new Error("no history");
    expect(chooseTarget(history, live)).toBeNull();
    expect(whyNoTarget(history, live)).toContain("itself gone back from");
    const older = release("older", 30, { commit: "z" });
    expect(chooseTarget([...history, older], live)?.id).toBe("older");
  });

  test("is the release gone back to, when the bad commit was shipped again after that", () => {
    const shipped = release("shipped", 70, { commit: "b", canRollback: false, status: "SUCCESS" });
    const history = [
      shipped,
      release("again", 60, { commit: "a" }),
      release("bad", 50, { commit: "b" }),
      release("good", 40, { commit: "a" }),
    ];
    expect(chooseTarget(history, shipped)?.id).toBe("again");
    const next = release("next", 80, { commit: "c", canRollback: false, status: "SUCCESS" });
    const stayed = release("stayed", 70, { commit: "b" });
    expect(chooseTarget([next, stayed, ...history.slice(1)], next)?.id).toBe("stayed");
  });

  test("of an image service is told by its digest, then by its name", () => {
    const image = { commit: null, image: "redis:8" };
    const bad = release("bad", 50, { ...image, imageDigest: "sha256:2" });
    const same = release("same", 40, { ...image, imageDigest: "sha256:2" });
    const other = release("other", 30, { ...image, imageDigest: "sha256:1" });
    expect(chooseTarget([bad, same, other], bad)?.id).toBe("other");
    const named = release("bad", 50, { ...image, imageDigest: null });
    const older = release("older", 40, { commit: null, image: "redis:7", imageDigest: null });
    expect(chooseTarget([named, older], named)?.id).toBe("older");
  });

  test.each([
    ["there is no earlier deployment", []],
    [
      "every earlier deployment runs the same code, or does not say",
      [release("r1", 40, { commit: "b" })],
    ],
    ["no earlier release was ever live", [release("r1", 40, { ...GOOD, status: "FAILED" })]],
    [
      "Railway keeps no image of an earlier release any more",
      [release("r1", 40, { ...GOOD, canRollback: false })],
    ],
  ])("is missing because %s", (why, others) => {
    expect(chooseTarget([BAD, ...others], BAD)).toBeNull();
    expect(whyNoTarget([BAD, ...others], BAD)).toBe(why);
  });
});
