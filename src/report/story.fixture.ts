import type { ProblemCode } from "../domain/problem.ts";
import type { Rules } from "../domain/rules.ts";
import type { Records, Store } from "../ports/store.ts";
import { createMemoryStore } from "../storage/memory/index.ts";
import { rulesFor } from "../../test/support/rules.ts";
import { CRASHED, paths, Theatre } from "../../test/support/theatre.ts";
import { readStory } from "./read.ts";
import type { Story } from "./story.ts";

const never = new AbortController().signal;
/** 2026-08-01 21:04:00 UTC. */
export const NINE_PM = Date.UTC(2026, 7, 1, 21, 4, 0);

/** A stage on which the real core plays, at an hour that reads well. */
export function stage(changes: Partial<Rules> = {}): Theatre {
  const theatre = new Theatre(rulesFor(changes));
  theatre.now = NINE_PM;
  return theatre;
}

/** Writes what was played into books, through the store's own commit. */
export async function write(theatre: Pick<Theatre, "entries">, store: Store): Promise<void> {
  const commits = theatre.entries.map((entry) => ({ entry, changes: entry.decision.changes }));
  const result = await store.commit(commits, never);
  if (result.kind !== "written") throw new Error(`the play was not written: ${result.kind}`);
}

/** The books of a play, in memory. */
export async function booksOf(theatre: Theatre): Promise<Store & Records> {
  const store = createMemoryStore();
  await write(theatre, store);
  return store;
}

/** The story of one incident (the last one opened unless named), read back from books. The first notice needed two tries. */
export async function storyOf(theatre: Theatre, id: string = theatre.incident.id): Promise<Story> {
  const books = await booksOf(theatre);
  for (const [index, delivery] of (await books.undelivered(100, never)).entries()) {
    await books.mark(delivery.notice.id, "delivered", index === 0 ? 2 : 1, never);
  }
  const incident = await books.incident(id, never);
  const story = incident === null ? null : await readStory(books, incident, never);
  if (story === null) throw new Error("the books do not hold the incident");
  return story;
}

/** The stories the tests tell. */
export const PLAYS = {
  healed: (on = stage()) =>
    restarted(on)
      .pass(500)
      .verdict("inconclusive")
      .verdict("healthy")
      .pass(900)
      .verdict("healthy")
      .request("undo")
      .outcome("undo", "seen", { shown: ["the app says read-only is off"] })
      .wait(3_100)
      .verdict("healthy"),
  falseAlarm: () =>
    stage().verdict("breached").request("confirm").outcome("confirm", "seen", paths("up")),
  held: () =>
    stage()
      .untilRemedy()
      .pause({ by: "ann" })
      .request("remedy")
      .pass(60_000)
      .pause(null)
      .verdict("breached")
      .request("remedy"),
  shadowed: () =>
    stage({ modes: { default: "shadow" } })
      .verdict("breached")
      .request("confirm")
      .outcome("confirm", "seen", paths("down"))
      .request("contain")
      .request("inspect")
      .outcome("inspect", "seen", CRASHED)
      .request("remedy"),
  unknown: () =>
    stage()
      .untilRemedy()
      .request("remedy")
      .pass(5_000)
      .outcome("remedy", "unknown", {}, "evidence-withheld"),
  escalated: () =>
    restarted(stage()).verdict("breached").pass(1_000).verdict("breached").wait(10_100),
  stillOpen: (code: ProblemCode = "timeout") =>
    stage().verdict("breached", { code }).request("confirm"),
} as const;

function restarted(theatre: Theatre): Theatre {
  return theatre
    .untilRemedy()
    .request("remedy")
    .outcome("remedy", "accepted", { answer: "deploymentRestart answered true" })
    .pass(2_000)
    .outcome("remedy", "seen", { shown: ["Railway lists a new execution x2"] });
}
