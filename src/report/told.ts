import type { Delivery, DeliveryState, NoticeKind } from "../domain/notice.ts";
import type { Instant } from "../domain/time.ts";
import type { Story } from "./story.ts";

/** One notice and how far it came. */
export interface Told {
  readonly notice: string;
  readonly kind: NoticeKind;
  readonly title: string;
  readonly lines: readonly string[];
  /** When it was made; the books keep no time of arrival. */
  readonly at: Instant;
  readonly seq: number | null;
  readonly state: DeliveryState;
  readonly tries: number;
  readonly delivery: string;
}

/** Whom we told what, in order. */
export function toldOf(story: Story): readonly Told[] {
  return story.deliveries.map((delivery) => {
    const { notice, state, tries } = delivery;
    const beat = story.beats.find(({ notices }) => notices.some(({ id }) => id === notice.id));
    return {
      notice: notice.id,
      kind: notice.kind,
      title: notice.title,
      lines: notice.lines,
      at: notice.at,
      seq: beat?.entry.seq ?? null,
      state,
      tries,
      delivery: deliveryText(delivery),
    };
  });
}

/** `delivered`, `delivered at try 2 …`. */
export function deliveryText({ state, tries }: Pick<Delivery, "state" | "tries">): string {
  const words: Readonly<Record<DeliveryState, string>> = {
    pending: tries === 0 ? "waiting" : `waiting after ${count(tries)}`,
    sending: `on its way (${count(tries)}); it may have arrived, the next try is marked as a repeat`,
    delivered: tries <= 1 ? "delivered" : `delivered at try ${tries}`,
    coalesced: "left out: a later one of the same incident was waiting",
    refused: `refused after ${count(tries)}: it never arrived`,
  };
  return words[state];
}

function count(tries: number): string {
  return tries === 1 ? "1 try" : `${tries} tries`;
}
