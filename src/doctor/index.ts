import type { Driver } from "../actions/switch/driver.ts";
import type { Config } from "../config/config.ts";
import { SECOND_MS } from "../domain/time.ts";
import { systemClock } from "../engine/clock.ts";
import { createLifecycle } from "../engine/lifecycle.ts";
import type { Railway } from "../railway/railway.ts";
import { openDrivers, openRailway } from "../wiring/connections.ts";
import type { Asking, Finding } from "./finding.ts";
import { askHere, askSwitches } from "./here.ts";
import { askPlatform } from "./platform.ts";

/** A person waits for it. */
const EXAMINE_MS = 90 * SECOND_MS;
const CLOSE_MS = 2 * SECOND_MS;

/** The strictest of Railway's limits is ten a second, and others use it too. */
const REST_MS = 200;

/** What this token and this place can do of what the configuration wants. Reads only, and sends nothing to people. */
export async function examine(config: Config, version: string): Promise<readonly Finding[]> {
  const lifecycle = createLifecycle(CLOSE_MS);
  const signal = AbortSignal.timeout(EXAMINE_MS);
  const rest = () => systemClock.until(systemClock.now() + REST_MS, signal).catch(() => undefined);
  const parts = { config, version, clock: systemClock };
  const railway = openRailway(parts, () => undefined, lifecycle);
  const { drivers } = openDrivers(config, systemClock, lifecycle, []);
  try {
    return await examineWith(config, { railway, drivers, rest }, signal);
  } finally {
    await lifecycle.stop();
  }
}

interface Connections {
  readonly railway: Railway | null;
  readonly drivers: { readonly [name: string]: readonly Driver[] };
  readonly rest: Asking["rest"];
}

/** The same over connections that are open already. */
export async function examineWith(
  config: Config,
  { railway, drivers, rest }: Connections,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  // What a person asks for may use what is kept for acts.
  const call = { signal, purpose: "act" } as const;
  const [switches, platform] = await Promise.all([
    askSwitches(drivers, signal),
    askPlatform(config, railway === null ? null : { railway, call, rest }),
  ]);
  return [...platform.findings, ...switches, ...askHere(config, platform.environment)];
}
