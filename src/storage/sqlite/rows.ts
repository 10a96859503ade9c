import type { SQLOutputValue } from "node:sqlite";

import type { Head } from "../../domain/chain.ts";
import type { Delivery, DeliveryState, Notice } from "../../domain/notice.ts";

export type Row = { readonly [column: string]: SQLOutputValue };

/** The stored JSON of a row. What is read was written by `writing.ts`, so callers take its shape on trust. */
export function bodyOf(row: Row): unknown {
  return JSON.parse(String(row["body"]));
}

export function deliveryOf(row: Row): Delivery {
  return {
    order: Number(row["ord"]),
    notice: bodyOf(row) as Notice,
    state: String(row["state"]) as DeliveryState,
    tries: Number(row["tries"]),
  };
}

export function headOf(row: Row | undefined): Head | null {
  if (row === undefined) return null;
  return { seq: Number(row["seq"]), at: Number(row["at"]), hash: String(row["hash"]) };
}
