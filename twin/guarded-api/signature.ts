import { createHmac, timingSafeEqual } from "node:crypto";

/** The hex HMAC-SHA256 of a text. */
export function sign(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("hex");
}

/** Compares a signature of the form `sha256=<hex>` in constant time. */
export function isSigned(secret: string, text: string, signature: unknown): boolean {
  if (typeof signature !== "string" || !/^sha256=[0-9a-f]{64}$/.test(signature)) return false;
  const given = Buffer.from(signature.slice("sha256=".length), "hex");
  return timingSafeEqual(given, Buffer.from(sign(secret, text), "hex"));
}
