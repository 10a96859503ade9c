import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { ANSWERS, ORDERS, type Order } from "../domain/order.ts";

const given = {
  id: z.string().regex(/^[\w-]{1,64}$/),
  incident: z.string().regex(/^[0-9a-f]{10}$/),
  by: z.string().min(1).max(100),
};
const Written = z.union([
  z.object({ ...given, order: z.enum(ORDERS), forMs: z.number().positive().optional() }),
  z.object({
    ...given,
    order: z.enum(ANSWERS),
    attempt: z.string().regex(/^[0-9a-f]{10}\.\d{1,6}$/),
    at: z.number().nonnegative(),
  }),
]);

/** More than this waits for nobody: somebody's script has gone wild. */
export const ORDERS_MAX = 100;

/**
 * Orders of people are files in a folder, like a pause: they work without a network and survive a daemon that is just restarting.
 * One file is one order; it is removed when the journal has it.
 */
export function writeOrder(folder: string, order: Order): string {
  const place = join(folder, FOLDER);
  mkdirSync(place, { recursive: true });
  const path = join(place, `${order.id}.json`);
  // Renamed into place, so that nobody reads half a file.
  writeFileSync(`${path}.new`, `${JSON.stringify(order)}\n`);
  renameSync(`${path}.new`, path);
  return path;
}

/** Orders that wait, oldest name first. What cannot be understood is removed and told in `wrong`. */
export function readOrders(folder: string): {
  readonly orders: readonly Order[];
  readonly wrong: readonly string[];
} {
  const place = join(folder, FOLDER);
  if (!existsSync(place)) return { orders: [], wrong: [] };
  const orders: Order[] = [];
  const wrong: string[] = [];
  const names = readdirSync(place).filter((name) => name.endsWith(".json"));
  for (const name of names.toSorted().slice(0, ORDERS_MAX)) {
    const order = read(join(place, name));
    if (order !== null && `${order.id}.json` === name) orders.push(order);
    else {
      wrong.push(name);
      rmSync(join(place, name), { force: true });
    }
  }
  return { orders, wrong };
}

export function removeOrder(folder: string, order: Order): void {
  rmSync(join(folder, FOLDER, `${order.id}.json`), { force: true });
}

function read(path: string): Order | null {
  try {
    return Written.parse(JSON.parse(readFileSync(path, "utf8"))) as Order;
  } catch {
    return null;
  }
}

const FOLDER = "orders";
