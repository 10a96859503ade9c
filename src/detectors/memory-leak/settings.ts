import { HOUR_MS, MINUTE_MS, type Millis } from "../../domain/time.ts";

export interface MemoryLeakSettings {
  /** The first minutes of a process fill caches: they are not judged. */
  readonly warmMs: Millis;
  /** A growth that began so soon after the start must not grow slower. */
  readonly freshMs: Millis;
  /** Windows looked at, the shortest first; each is cut into 18 points, the lowest value of each counts. */
  readonly windowsMs: readonly Millis[];
  /** So many floors, ten minutes each, are calmed together; the first that shows a steady growth counts. */
  readonly spans: readonly number[];
  /** Two-sided p of the Hamed-Rao test. */
  readonly alpha: number;
  /** The growth must be so many times what a random walk with the same steps covers. */
  readonly drift: number;
  /** A growth must be larger than what a daily rhythm with this swing, a share of the limit, rises in such a window. */
  readonly swing: number;
  /** This share of it is enough where the rhythm of the days before is known and taken off. */
  readonly knownSwing: number;
  /** Memory must exceed the rhythm of the days before by so much more than on any of them. */
  readonly beyondUsual: number;
  /** Falls within the window must stay below this share of its growth. */
  readonly fall: number;
  /** The lower end of the slope's 95 % interval must be above this share of the slope: a few steps are no line. */
  readonly sureSlope: number;
  /** A growth that reaches the limit later than this is not yet a breach. */
  readonly horizonMs: Millis;
  /** So many judgements, ten minutes apart; one that sees no leak takes half of one away. */
  readonly openAfter: number;
  readonly closeAfter: number;
  /** Two looks in a row this far below the lowest of the last hour are a restart or a collection: begin anew. */
  readonly drop: number;
  /** Silence for longer begins anew. */
  readonly gapMs: Millis;
}

export const MEMORY_LEAK_DEFAULTS: MemoryLeakSettings = {
  warmMs: 30 * MINUTE_MS,
  freshMs: 6 * HOUR_MS,
  windowsMs: [3 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS, 24 * HOUR_MS],
  spans: [1, 2, 3, 6],
  alpha: 0.01,
  drift: 4.5,
  swing: 0.144,
  knownSwing: 0.75,
  beyondUsual: 1.25,
  fall: 0.35,
  sureSlope: 0.5,
  horizonMs: 48 * HOUR_MS,
  openAfter: 4,
  closeAfter: 6,
  drop: 0.2,
  gapMs: 2 * HOUR_MS,
};
