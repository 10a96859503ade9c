import type { Millis } from "../domain/time.ts";

/** What is open, by name, in the order it was opened. */
export interface Lifecycle {
  /** Registered the moment the resource exists. */
  onStop(name: string, close: () => Promise<void> | void): void;
  /** Closes everything, last opened first, each within its share of the time. May be called twice. */
  stop(): Promise<readonly string[]>;
}

/** `withinMs` bounds the whole stop; what does not close in time is named in the result, and left. */
export function createLifecycle(withinMs: Millis): Lifecycle {
  const open: { readonly name: string; readonly close: () => Promise<void> | void }[] = [];
  let stopping: Promise<readonly string[]> | null = null;

  const closeAll = async (): Promise<readonly string[]> => {
    const faults: string[] = [];
    const deadline = performance.now() + withinMs;
    for (let item = open.pop(); item !== undefined; item = open.pop()) {
      const fault = await closeOne(item, Math.max(50, deadline - performance.now()));
      if (fault !== null) faults.push(fault);
    }
    return faults;
  };

  return {
    onStop: (name, close) => void open.push({ name, close }),
    stop: () => (stopping ??= closeAll()),
  };
}

async function closeOne(
  item: { readonly name: string; readonly close: () => Promise<void> | void },
  withinMs: Millis,
): Promise<string | null> {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(
    () => late.resolve(`${item.name}: not closed within ${Math.round(withinMs)} ms`),
    withinMs,
  );
  try {
    return (
      (await Promise.race([Promise.resolve(item.close()).then(() => null), late.promise])) ?? null
    );
  } catch (error) {
    return `${item.name}: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    clearTimeout(timer);
  }
}
