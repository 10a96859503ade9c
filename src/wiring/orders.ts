import type { Given } from "../api/control.ts";
import type { Order } from "../domain/order.ts";
import { SECOND_MS, type Millis } from "../domain/time.ts";
import type { Entry } from "../domain/world.ts";
import type { Bell } from "../engine/loop.ts";
import { ORDERS_MAX, readOrders, removeOrder, writeOrder } from "../storage/order-files.ts";
import type { Log } from "../telemetry/log.ts";

/** What people ordered, by files in the data folder: the same intake for commands and for HTTP. */
export interface OrderDesk {
  read(): readonly Order[];
  remove(order: Order): void;
  /** Writes an order as a command would, and waits until the journal has it or a moment is over. */
  give(order: Order): Promise<Given>;
  /** Tells the desk what the journal has. */
  note(entry: Entry): void;
}

/** An order that could not be journalled by then waits in its file. */
const TAKEN_MS: Millis = 3 * SECOND_MS;

export function orderDesk(folder: string, log: Log, bell: Bell): OrderDesk {
  const waiting = new Map<string, (given: Given) => void>();
  const settle = (id: string, given: Given): void => {
    waiting.get(id)?.(given);
    waiting.delete(id);
  };
  return {
    read: () => {
      const { orders, wrong } = readOrders(folder);
      for (const name of wrong) log.warn({ file: name }, "an order could not be understood");
      return orders;
    },
    remove: (order) => {
      removeOrder(folder, order);
      // The journal has it already, or it meant nothing.
      settle(order.id, { kind: "taken", reasons: [] });
    },
    give: (order) => {
      if (waiting.size >= ORDERS_MAX) return Promise.resolve({ kind: "busy" });
      return new Promise((resolve) => {
        const timer = setTimeout(() => settle(order.id, { kind: "waiting" }), TAKEN_MS);
        waiting.set(order.id, (given) => {
          clearTimeout(timer);
          resolve(given);
        });
        writeOrder(folder, order);
        bell.ring();
      });
    },
    note: ({ event, decision }) => {
      if (event.type === "order")
        settle(event.order.id, { kind: "taken", reasons: decision.reasons });
    },
  };
}
