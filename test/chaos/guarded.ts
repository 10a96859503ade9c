import type { Instant, Millis } from "../../src/domain/time.ts";
import { sign } from "../../src/actions/switch/control.ts";
import type { VirtualTime } from "./time.ts";
import type { Asked, Said } from "./wire.ts";

export const SWITCH_SECRET = "a-secret-of-the-simulation";
export const SWITCH_PATH = "/_signalman/switches";
const SKEW_MS: Millis = 60_000;
const LONGEST_MS: Millis = 3_600_000;

interface Order {
  readonly switch: string;
  readonly value: boolean;
  readonly until: Instant;
  readonly leaseId: string;
  readonly seq: number;
  readonly message: string;
}

/** The guarded app's switches by the contract of docs/reference/switches.md, with the app's own clock, which is right. */
export interface Switches {
  /** The last order of each switch. */
  readonly last: ReadonlyMap<string, Order>;
  isOn(name: string): boolean;
  take(asked: Asked): Said;
}

export function createSwitches(time: VirtualTime): Switches {
  const last = new Map<string, Order>();
  const epoch = time.now();
  const now = (): Instant => epoch + time.elapsed;
  const present = (name: string): Order | null => {
    const order = last.get(name);
    return order === undefined || order.until <= now() ? null : order;
  };
  return {
    last,
    isOn: (name) => present(name)?.value === true,
    take({ method, url, headers, body }) {
      const stamp = Number(headers["x-signalman-timestamp"]);
      const signature = sign(SWITCH_SECRET, stamp, method, url.pathname, body);
      const isAuthentic =
        Math.abs(now() - stamp) <= SKEW_MS && headers["x-signalman-signature"] === signature;
      if (!isAuthentic) return json(401, { error: "unauthorized" });
      if (method === "GET") {
        const names = [...last.keys()];
        return json(200, {
          switches: Object.fromEntries(names.map((name) => [name, present(name)])),
        });
      }
      const order = JSON.parse(body) as Order;
      if (order.until > now() + LONGEST_MS) return json(400, { error: "malformed" });
      const before = last.get(order.switch);
      if (before !== undefined && order.seq <= before.seq) return json(409, { error: "stale-seq" });
      last.set(order.switch, order);
      return json(200, order);
    },
  };
}

function json(status: number, body: unknown): Said {
  return { kind: "answer", status, body: JSON.stringify(body) };
}
