import { expect, test } from "vitest";

import { createVariableBook } from "./variables.ts";

test("tells by name what was added, removed and changed, and holds no value", () => {
  const book = createVariableBook();
  const before = book.note({ SECRET: "hunter2", THEME: "light", OLD: "1" });
  expect(before.names).toEqual(["OLD", "SECRET", "THEME"]);
  const changes = book.compare(before, { SECRET: "hunter2", THEME: "dark", NEW: "1" });
  expect(changes).toEqual({ added: ["NEW"], removed: ["OLD"], values: ["THEME"] });
  expect(JSON.stringify([before, changes])).not.toMatch(/hunter2|light|dark/);
});

test("after a restart of the daemon only the names can be compared", () => {
  const before = createVariableBook().note({ A: "1", B: "2" });
  const changes = createVariableBook().compare(before, { A: "other", C: "3" });
  expect(changes).toEqual({ added: ["C"], removed: ["B"], values: null });
});

test("forgets old looks instead of growing", () => {
  const book = createVariableBook();
  const first = book.note({ A: "1" });
  for (let count = 0; count < 20; count += 1) book.note({ A: "1" });
  expect(book.compare(first, { A: "2" }).values).toBeNull();
});
