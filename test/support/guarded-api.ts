import { Agent, request } from "undici";

import { createControl } from "../../src/actions/switch/control.ts";
import { systemClock } from "../../src/engine/clock.ts";
import { waitFor } from "../../src/gameday/wait.ts";
import type { Twin } from "../../twin/index.ts";

/** A write as a user of the guarded API makes it. */
export async function write(
  twin: Twin,
): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await request(`${twin.urls.api}/trades`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ symbol: "ACME", quantity: 1, price: 2 }),
    signal: AbortSignal.timeout(5_000),
  });
  return { status: answer.statusCode, text: await answer.body.text() };
}

/** A dead database is started as an operator would: through the platform. */
export async function bringUp(twin: Twin): Promise<void> {
  const postgres = twin.state().services.find((service) => service.name === "Postgres");
  if (postgres?.running !== true) {
    const answer = await request(`${twin.urls.platform}/graphql/v2`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${twin.accountToken}` },
      body: JSON.stringify({
        query: "mutation Restart($id: String!) { deploymentRestart(id: $id) }",
        variables: { id: postgres?.deploymentId },
      }),
      signal: AbortSignal.timeout(10_000),
    });
    await answer.body.dump();
  }
  await switchOff(twin);
  await waitFor("writes are accepted", 20_000, async () => {
    const { status } = await write(twin).catch(() => ({ status: 0 }));
    return status === 201 ? true : null;
  });
}

/** A daemon that was killed for good may have left a lease; the next run does not wait for its end. */
async function switchOff(twin: Twin): Promise<void> {
  const agent = new Agent();
  const control = createControl({
    url: `${twin.urls.api}/_signalman/switches`,
    secret: twin.env["SWITCH_SECRET"] ?? "",
    clock: systemClock,
    agent,
  });
  const signal = AbortSignal.timeout(5_000);
  const read = await control.read("read-only", signal);
  if (read.kind === "read" && read.state?.value === true) {
    await control.set(
      { ...read.state, switch: "read-only", value: false, seq: read.state.seq + 1 },
      signal,
    );
  }
  await agent.destroy();
}
