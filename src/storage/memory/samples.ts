import type { Sample } from "../../domain/sample.ts";
import type { SampleStore } from "../../ports/store.ts";

/**
 * Samples in memory, for tests and replay: the newest `rowsMax` of them, as JSON and never thinned. Samples of one moment keep
 * the order in which they came.
 */
export function createMemorySamples(rowsMax = 100_000): SampleStore {
  let rows: { readonly ts: number; readonly body: string }[] = [];
  let closed = false;
  return {
    async append(samples, signal) {
      signal.throwIfAborted();
      if (closed) return;
      rows.push(...samples.map((sample) => ({ ts: sample.ts, body: JSON.stringify(sample) })));
      rows.sort((a, b) => a.ts - b.ts);
      rows = rows.slice(-rowsMax);
    },
    async *between(from, to, signal) {
      signal.throwIfAborted();
      const found = rows.filter((row) => row.ts >= from && row.ts <= to);
      if (found.length > 0) yield found.map((row) => JSON.parse(row.body) as Sample);
    },
    async close() {
      closed = true;
      rows = [];
    },
  };
}
