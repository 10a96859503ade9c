const LINE_BYTES_MAX = 4 * 1024;
/** Far above what INFO says of itself. */
const TEXT_BYTES_MAX = 1024 * 1024;
const CRLF = "\r\n";

/**
 * Lets through as many replies as commands were sent, each a line or a text, and throws on anything else. `ioredis` needs
 * it: a reply nobody asked for, or a push message, makes it throw where nothing can catch it, and would end the process.
 */
export function replies(count: number): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let left = count;
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length > 0) {
      if (left === 0) throw new Error("what answers there says more than it was asked");
      const length = lengthOfReply(rest);
      if (length === null || length > rest.length) return;
      rest = rest.subarray(length);
      left -= 1;
    }
  };
}

/** Bytes of the first reply; null while that cannot be known. */
function lengthOfReply(bytes: Buffer): number | null {
  const kind = String.fromCharCode(bytes[0] ?? 0);
  const end = bytes.indexOf(CRLF);
  if (!["+", "-", "$"].includes(kind) || (end === -1 ? bytes.length : end) > LINE_BYTES_MAX)
    throw new Error("what answers there does not speak Redis");
  if (end === -1) return null;
  const line = end + CRLF.length;
  if (kind !== "$") return line;
  const written = bytes.toString("latin1", 1, end);
  const length = Number(written);
  if (!/^\d{1,8}$/.test(written) || length > TEXT_BYTES_MAX)
    throw new Error("what answers there sent a text that is none");
  return line + length + CRLF.length;
}
