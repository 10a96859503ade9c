/** Requests that wait for `POST /twin/release`. */
export type Holds = {
  /** Resolves with true on release, with false when what is held is to be dropped. */
  wait(): Promise<boolean>;
  /** Lets go of everything held; returns how many there were. */
  release(go: boolean): number;
};

/** Opens the waiting room. Bounded by the server's own limit on connections. */
export function createHolds(): Holds {
  let waiting: ((go: boolean) => void)[] = [];
  return {
    wait: () => new Promise((done) => waiting.push(done)),
    release(go) {
      const released = waiting;
      waiting = [];
      for (const done of released) done(go);
      return released.length;
    },
  };
}
