import * as fc from "fast-check";

import { apply, EMPTY_WORLD } from "../../src/domain/apply.ts";
import { HOUR_MS } from "../../src/domain/time.ts";
import type { Change, Entry, World } from "../../src/domain/world.ts";
import type { Commit } from "../../src/ports/store.ts";
import { aCommit, aLease, anAttempt, anIncident, aNotice, aTimer } from "./store.rows.ts";

/**
 * Random histories: calls of commit with entries whose clock mostly goes on by hours and sometimes back, so
 * that rows are forgotten, written again, and forgotten under a clock that was set back.
 */
export function histories(): fc.Arbitrary<readonly (readonly Commit[])[]> {
  const step = fc.record({
    hours: fc.integer({ min: -20, max: 30 }),
    draws: fc.array(draws(), DRAWS),
  });
  return fc.array(fc.array(step, { maxLength: 3 }), { maxLength: 10 }).map((calls) => {
    let at = 1_000 * HOUR_MS;
    let seq = 0;
    return calls.map((steps) =>
      steps.map(({ hours, draws }) => {
        at += hours * HOUR_MS;
        seq += 1;
        return aCommit(
          seq,
          draws.map((draw, index) => draw(at, `${seq}-${index}`)),
          { at },
        );
      }),
    );
  });
}

/** The world as the definition says: every entry of the journal, one after the other. */
export function fold(entries: readonly Entry[]): World {
  return entries.reduce(
    (world, entry) => apply(world, entry.seq, entry.at, entry.decision.changes),
    EMPTY_WORLD,
  );
}

const DRAWS = { maxLength: 6 };
type Draw = (at: number, unique: string) => Change;

function draws(): fc.Arbitrary<Draw> {
  const id = fc.constantFrom("a", "b", "c", "4");
  const ago = fc.option(fc.integer({ min: -10, max: 60 }));
  const text = fc.string({ unit: "binary", maxLength: 5 });
  return fc.oneof(
    fc.record({ id, ago, text }).map(({ id, ago, text }): Draw => (at) => {
      const closedAt = ago === null ? null : at - ago * HOUR_MS;
      return { table: "incidents", row: anIncident(id, { closedAt, openedAt: at, cause: text }) };
    }),
    fc.record({ id, ago, text }).map(({ id, ago, text }): Draw => (at) => {
      const endedAt = ago === null ? null : at - ago * HOUR_MS;
      return { table: "attempts", row: anAttempt(`${id}.1`, { endedAt, evidence: { text } }) };
    }),
    fc.record({ id, ago, ended: fc.boolean() }).map(({ id, ago, ended }): Draw => (at) => {
      const until = at - (ago ?? 0) * HOUR_MS;
      return { table: "leases", row: aLease(id, { until, state: ended ? "ended" : "active" }) };
    }),
    fc.record({ id, due: fc.nat() }).map(({ id, due }): Draw => () => {
      const row = aTimer(id, { due });
      return { table: "timers", id: row.id, row };
    }),
    id.map((id): Draw => () => ({ table: "timers", id: aTimer(id).id, row: null })),
    marks().map((row): Draw => () => ({ table: "marks", row })),
    text.map((title): Draw => (at, unique) => {
      return { table: "notices", row: aNotice(unique, { at, title }) };
    }),
  );
}

function marks() {
  const counts = fc.dictionary(fc.constantFrom("x", "y"), fc.nat({ max: 9 }), {
    noNullPrototype: true,
  });
  return fc.record(
    {
      pause: fc.constantFrom(null, { by: "ann", since: 1, target: null, includingUndo: false }),
      openings: counts,
      blind: counts,
      switchSeq: counts,
      notices: fc.nat(),
    },
    { requiredKeys: [] },
  );
}
