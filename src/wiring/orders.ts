import type { Order } from "../domain/order.ts";
import { readOrders, removeOrder } from "../storage/order-files.ts";
import type { Log } from "../telemetry/log.ts";

/** What people ordered by files in the data folder. */
export function orderSource(
  folder: string,
  log: Log,
): { read(): readonly Order[]; remove(order: Order): void } {
  return {
    read: () => {
      const { orders, wrong } = readOrders(folder);
      for (const name of wrong) log.warn({ file: name }, "an order could not be understood");
      return orders;
    },
    remove: (order) => removeOrder(folder, order),
  };
}
