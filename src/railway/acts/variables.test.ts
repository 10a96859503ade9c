import { expect, test } from "vitest";

import { ACTING, answering, client, stubServer } from "../stub-server.ts";
import { createVariableBook, stateIn } from "./variables.ts";

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

test.each([
  ["what was asked about", { X: "1" }, { kind: "value", value: "1" }],
  ["something else, which may be a secret", { X: "hunter2" }, { kind: "other" }],
  ["a reference", { X: "${{shared.X}}" }, { kind: "other" }],
  ["nothing readable", { X: null }, { kind: "other" }],
  ["no such variable", { Y: "1" }, { kind: "absent" }],
])("one variable: %s", (_, variables, state) => {
  expect(stateIn(variables, "X", ["0", "1"])).toEqual(state);
});

test("a sealed variable cannot be read, and is not taken for absent", async () => {
  const services = { s1: { variables: { SEALED: { value: "*****", isSealed: true } } } };
  const answers = { variables: {}, environment: { id: "e", config: { services } } };
  await using stub = await stubServer(answering({ data: answers }));
  const railway = client(stub.url);
  const state = async (name: string) => railway.acts.variable("s1", name, ["1"], ACTING);
  expect(await state("SEALED")).toEqual({ ok: true, value: { kind: "other" } });
  expect(await state("ABSENT")).toEqual({ ok: true, value: { kind: "absent" } });
  await railway.close();
});
