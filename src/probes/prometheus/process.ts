import type { Instant } from "../../domain/time.ts";
import { choose, PROCESS_LABELS, START, type Metric } from "./names.ts";
import type { Page, Sample } from "./page.ts";

/**
 * What tells the process that wrote a page from others: when it started, with the labels that all of its series share; else
 * when its first counter was created. `null` when nothing on the page does.
 */
export function identityOf(page: Page, requests: Metric | null): string | null {
  const starts = choose(page, START)?.samples ?? [];
  const shared = PROCESS_LABELS.flatMap((label) => sharedBy(requests?.samples ?? [], label));
  const begun = starts.length > 0 ? starts.map(wordsOf).sort() : createdOf(page, requests);
  const parts = [...begun, ...shared];
  return parts.length === 0 ? null : parts.join(" ");
}

/** When the oldest process on the page started; `null` when it does not say so in a sound way. */
export function startOf(page: Page): Instant | null {
  const starts = (choose(page, START)?.samples ?? []).map(({ value }) => value);
  const oldest = Math.round(Math.min(...starts) * 1_000);
  return Number.isSafeInteger(oldest) && oldest > 0 ? oldest : null;
}

function sharedBy(samples: readonly Sample[], label: string): readonly string[] {
  const values = new Set(samples.map(({ labels }) => labels.get(label)));
  const [only] = values;
  return values.size === 1 && only !== undefined ? [`${label}=${only}`] : [];
}

/** The oldest series stays the oldest, while new ones come with every new label. */
function createdOf(page: Page, requests: Metric | null): readonly string[] {
  const name = requests?.name.replace(/_(?:total|count)$/, "_created") ?? "";
  const created = (page.samples.get(name) ?? []).map(({ value }) => value);
  return created.length === 0 ? [] : [`created ${Math.min(...created)}`];
}

function wordsOf({ labels, value }: Sample): string {
  return `${value} ${JSON.stringify([...labels])}`;
}
