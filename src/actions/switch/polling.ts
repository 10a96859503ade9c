import { createHash } from "node:crypto";

import type { Lease } from "../../domain/lease.ts";
import { problem } from "../../domain/problem.ts";
import { timeOfDay, type Instant } from "../../domain/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Driver, SwitchState } from "./driver.ts";

/** What an app that asks is told. */
export interface Told {
  readonly etag: string;
  /** It has this very state already. */
  readonly isKnown: boolean;
  readonly body: string;
}

/** Where apps that ask for their switches are answered. */
export interface Desk {
  /** False when no switch is asked for in this way. */
  readonly isUsed: () => boolean;
  /** A driver for this switch, told to whoever shows the token. */
  driver(name: string, token: string): Driver;
  /** What the books hold is told on: also to an app that was told it by an earlier life. */
  restore(leases: readonly Lease[]): void;
  /** `isToken` says whether the one who asks has shown this token; `known` are the tags of what they have. Null: a stranger. */
  answer(isToken: (token: string) => boolean, known: readonly string[]): Told | null;
}

interface Seat {
  readonly name: string;
  readonly token: string;
  order: SwitchState | null;
  /** The order that an app was last seen to have; null: that nothing is on. Absent: nobody has shown anything. */
  shown?: number | null;
  askedAt: Instant | null;
}

/**
 * The daemon tells nobody anything here: the app asks, and what it shows of the answer that it has is the evidence. Handing an
 * answer out proves nothing, because it may be lost.
 */
export function createDesk(clock: Clock): Desk {
  const seats: Seat[] = [];
  const present = ({ order }: Seat): SwitchState | null =>
    order === null || order.until <= clock.now() ? null : order;
  return {
    isUsed: () => seats.length > 0,
    driver(name, token) {
      const seat: Seat = { name, token, order: null, askedAt: null };
      seats.push(seat);
      return driverOf(seat, present);
    },
    restore(leases) {
      for (const seat of seats) seat.order = orderIn(leases, seat.name);
    },
    answer(isToken, known) {
      // Every token is compared, so that the time tells nothing.
      const mine = seats.filter((seat) => isToken(seat.token));
      if (mine.length === 0) return null;
      const told = Object.fromEntries(mine.map((seat) => [seat.name, present(seat)]));
      const body = JSON.stringify({ switches: told });
      const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
      const isKnown = known.includes(etag);
      for (const seat of mine) {
        seat.askedAt = clock.now();
        if (isKnown) seat.shown = present(seat)?.seq ?? null;
      }
      return { etag, isKnown, body };
    },
  };
}

function driverOf(seat: Seat, present: (seat: Seat) => SwitchState | null): Driver {
  return {
    kind: "polling",
    goesOnTelling: true,
    set: (order, signal) => {
      const { switch: _, ...wanted } = order;
      const held = seat.order;
      if (signal.aborted)
        return Promise.resolve({ kind: "unclear", problem: problem("switch-unreachable") });
      if (held !== null && wanted.seq <= held.seq) {
        const detail = "a newer order is told already";
        return Promise.resolve({ kind: "refused", problem: problem("switch-refused", detail) });
      }
      seat.order = wanted;
      return Promise.resolve({ kind: "done" });
    },
    read: () => {
      const state = present(seat);
      const isShown = seat.shown !== undefined && seat.shown === (state?.seq ?? null);
      // What an app had until its end, it let go of by itself.
      const isOver = state === null && seat.order !== null && seat.shown === seat.order.seq;
      if (isShown || isOver) return Promise.resolve({ kind: "read", state });
      const asked = seat.askedAt === null ? "never" : `last at ${timeOfDay(seat.askedAt)}`;
      const detail = `the app has not shown that it has it; it asked ${asked}`;
      return Promise.resolve({ kind: "silent", problem: problem("switch-unreachable", detail) });
    },
  };
}

/** The switch as the books have it: on while any lease needs it, else being switched off. */
function orderIn(leases: readonly Lease[], name: string): SwitchState | null {
  const [last] = leases
    .filter((lease) => lease.switch === name && lease.held === undefined && lease.state !== "ended")
    .toSorted(
      (a, b) => Number(a.state === "ending") - Number(b.state === "ending") || b.seq - a.seq,
    );
  if (last === undefined) return null;
  const { state, until, id, seq, message } = last;
  return { value: state !== "ending", until, leaseId: id, seq, message };
}
