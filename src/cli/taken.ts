import { existsSync } from "node:fs";

import type { Order } from "../domain/order.ts";
import { waitFor } from "../gameday/wait.ts";
import { writeOrder } from "../storage/order-files.ts";

/** So long a running daemon needs at most to take an order. */
const TAKEN_MS = 3_000;

/** Writes the order down and waits until the daemon has it: null, or where the order waits for one. */
export async function give(folder: string, order: Order): Promise<string | null> {
  const path = writeOrder(folder, order);
  const isTaken = await waitFor("the daemon takes it", TAKEN_MS, () =>
    Promise.resolve(existsSync(path) ? null : true),
  ).catch(() => false);
  return isTaken ? null : path;
}
