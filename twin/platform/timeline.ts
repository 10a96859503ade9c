const KEPT = 500;

/** How evidence of one kind is shown at present. All times in unix ms. */
export type Visibility = {
  /** How late everything is, as on the real platform. */
  lagMs: number;
  /** Nothing recorded since then is shown. */
  withheldSince?: number | undefined;
  /** What was recorded since `since` is shown `ms` later. */
  delay?: { since: number; ms: number } | undefined;
};

/** What was true when: the platform's record of one kind of evidence, from which the shown state is picked. */
export type Timeline<T> = {
  record(value: T, at: number): void;
  /** Forgets what came before: the latest value is shown at once. */
  settle(): void;
  /** The latest value, whether it is shown yet or not. */
  readonly current: T;
  shown(how: Visibility, now: number): T;
};

/** Opens a timeline with its first value, which is always shown. Keeps the last 500 changes. */
export function createTimeline<T>(first: T, at: number): Timeline<T> {
  const entries = [{ value: first, at }];
  const last = () => entries.at(-1) ?? { value: first, at };
  return {
    record(value, at) {
      entries.push({ value, at });
      if (entries.length > KEPT) entries.shift();
    },
    settle() {
      entries.splice(0, entries.length - 1);
    },
    get current() {
      return last().value;
    },
    shown(how, now) {
      const visible = entries.findLast((entry) => isVisible(entry.at, how, now));
      return (visible ?? entries[0] ?? last()).value;
    },
  };
}

/** Whether what was recorded at a moment is shown by now. */
export function isVisible(at: number, how: Visibility, now: number): boolean {
  if (how.withheldSince !== undefined && at >= how.withheldSince) return false;
  const delayMs = how.delay !== undefined && at >= how.delay.since ? how.delay.ms : 0;
  return now >= at + how.lagMs + delayMs;
}
