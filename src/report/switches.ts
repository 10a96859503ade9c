import type { Lease } from "../domain/lease.ts";
import type { Instant } from "../domain/time.ts";
import type { Story } from "./story.ts";

/** One time a switch of the app was on for this incident, as far as the journal shows. */
export interface SwitchWindow {
  readonly switch: string;
  /** Of what has no end of its own, and is taken back by an act of this name: where it was done. */
  readonly target?: string;
  readonly lease: string;
  /** The call to switch on began; from here on it may be on. */
  readonly askedAt: Instant;
  /** Read back as on; `null` when that was never shown. */
  readonly onAt: Instant | null;
  /** Read back as off, or known never to have been on; `null` when that was never shown. */
  readonly offAt: Instant | null;
  /** The app ends it by itself then, whatever else happens. */
  readonly until: Instant;
  readonly state: Lease["state"];
  /** Journal entries of its beginning and of its latest change of state. */
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** The windows in which a switch was or may have been on, in order. A relapse opens a second one. */
export function switchWindows(story: Story): readonly SwitchWindow[] {
  const windows: SwitchWindow[] = [];
  for (const { entry, leases } of story.beats) {
    for (const { before, row } of leases) {
      const isNew = before === null || (before.state === "ended" && row.state !== "ended");
      const index = windows.findLastIndex(({ lease }) => lease === row.id);
      const last = isNew ? undefined : windows[index];
      const hasTurned = last === undefined || last.state !== row.state;
      const next: SwitchWindow = {
        switch: row.switch,
        lease: row.id,
        askedAt: last?.askedAt ?? entry.at,
        onAt: last?.onAt ?? (row.state === "active" ? entry.at : null),
        offAt: row.state === "ended" ? (last?.offAt ?? entry.at) : null,
        until: row.until,
        state: row.state,
        ...(row.held === undefined ? {} : { target: row.held.target }),
        fromSeq: last?.fromSeq ?? entry.seq,
        toSeq: hasTurned ? entry.seq : last.toSeq,
      };
      if (last === undefined) windows.push(next);
      else windows.splice(index, 1, next);
    }
  }
  return windows;
}
