import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect, it } from "vitest";

import { eventId } from "../domain/ids.ts";
import { linkOf } from "../domain/chain.ts";
import { openSqliteStore } from "../storage/sqlite/index.ts";
import { PLAYS, stage } from "../report/story.fixture.ts";
import type { Theatre } from "../../test/support/theatre.ts";
import { VERSION } from "../version.ts";
import type { Verification } from "../audit/verify.ts";
import { booksOnDisk, folder, run, type Ran } from "./reading.fixture.ts";
import { register } from "./verify.ts";

/** An incident that heals, from a start that told its rules. */
function healed(version = VERSION): Theatre {
  const theatre = stage();
  const { now: at, rules } = theatre;
  theatre.dispatch({ id: eventId("start", at, 1), at, cause: null, type: "start", version, rules });
  return PLAYS.healed(theatre);
}
it("dbg", async () => {
  const t = healed();
  const data = await booksOnDisk(t);
  console.log(t.entries.length, await run(register, ["verify", t.incident.id, "--data", data]));
});
