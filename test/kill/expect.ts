import { expect } from "vitest";

import { waitFor } from "../../src/gameday/wait.ts";
import type { Run } from "./stage.ts";

export async function untilTold(run: Run, title: string): Promise<void> {
  await waitFor(`Slack shows "${title}"`, 40_000, async () =>
    (await run.slack()).some((text) => text.includes(`*${title}`)) ? true : null,
  );
}

/** The switch is off at once; the app's own pool may need another try to find its database again. */
export async function untilWritable(run: Run): Promise<void> {
  await waitFor("writes are accepted", 5_000, async () => {
    const { status, text } = await run.write();
    expect(text).not.toContain("read-only");
    return status === 201 ? true : null;
  });
}

/** Every notice arrived, the last one last, at most one twice, and that one is marked. */
export async function expectTold(run: Run): Promise<void> {
  const deliveries = await waitFor("all notices are delivered", 10_000, async () => {
    const { deliveries } = await run.books();
    return deliveries.every((delivery) => delivery.state === "delivered") ? deliveries : null;
  });
  const messages = await run.slack();
  const repeats = messages.filter((text) => text.includes("(Repeat:"));
  expect(repeats.length).toBeLessThanOrEqual(1);
  expect(messages.length).toBeGreaterThanOrEqual(deliveries.length);
  expect(messages.length).toBeLessThanOrEqual(deliveries.length + repeats.length);
  expect(messages.at(-1)).toContain(deliveries.at(-1)?.notice.title);
}
