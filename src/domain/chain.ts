import { createHash } from "node:crypto";

import type { Instant } from "./time.ts";

/** One entry of the chained journal: its hash stands for it and for all entries before it. */
export interface Head {
  readonly seq: number;
  readonly at: Instant;
  /** 64 hexadecimal digits. */
  readonly hash: string;
}

/** What stands before the first entry. */
export const NO_HASH = "0".repeat(64);

/** A journal row as it is stored, in the order of the columns. Text as its UTF-8 bytes, or as what becomes them. */
export type StoredValue = string | Uint8Array | number | bigint | null;

/**
 * The hash of a row that follows `previous`: SHA-256 over it and every stored value with its type and length, so that no byte can
 * move from one column to another unseen.
 */
export function linkOf(previous: string, values: readonly StoredValue[]): string {
  const hash = createHash("sha256").update(previous);
  for (const value of values) {
    if (value === null) hash.update("n;");
    else if (typeof value === "number" || typeof value === "bigint") hash.update(`i${value};`);
    else hash.update(`t${Buffer.byteLength(value)};`).update(value);
  }
  return hash.digest("hex");
}

const SHOWN = 12;

/** `1234:9f2c41d07a3b`: short enough for a message, long enough that nobody makes another journal that fits. */
export function headText({ seq, hash }: Pick<Head, "seq" | "hash">): string {
  return `${seq}:${hash.slice(0, SHOWN)}`;
}

/** A head as a person copies it, `journal` before it or not; `null` when it is none. `hash` may be a beginning of 12 digits or more. */
export function readHead(text: string): Pick<Head, "seq" | "hash"> | null {
  const [, seq, hash] =
    /^(?:journal\s+)?#?([1-9]\d{0,14}):([0-9a-f]{12,64})$/i.exec(text.trim()) ?? [];
  return seq === undefined || hash === undefined
    ? null
    : { seq: Number(seq), hash: hash.toLowerCase() };
}
