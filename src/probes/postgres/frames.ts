const HEADER_BYTES = 5;
/** Far above anything a look asks for. */
const FRAME_BYTES_MAX = 1024 * 1024;
/** First bytes of the messages a server may send (protocol 3). */
const KNOWN = new Set(Buffer.from("123ACDEGHIKNRSTVWZcdnstv"));
const ERROR = 0x45;
const NOTICE = 0x4e;

/**
 * Follows the message boundaries. Throws when what comes cannot be PostgreSQL's. The parser of `pg` needs it: an error
 * message without its end makes it loop for ever, and what it throws escapes as an uncaught exception.
 */
export function frames(): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= HEADER_BYTES) {
      const kind = rest[0] ?? 0;
      const length = rest.readUInt32BE(1);
      if (!KNOWN.has(kind) || length < 4 || length > FRAME_BYTES_MAX) {
        throw new Error("what answers there does not speak PostgreSQL");
      }
      if (rest.length < length + 1) return;
      const body = rest.subarray(HEADER_BYTES, length + 1);
      if ((kind === ERROR || kind === NOTICE) && !isTerminated(body)) {
        throw new Error("what answers there sent a broken error message");
      }
      rest = rest.subarray(length + 1);
    }
  };
}

/** Fields of one type byte and a zero-terminated text each, then a zero: exactly to the end. */
function isTerminated(body: Buffer): boolean {
  let at = 0;
  while (at < body.length) {
    if (body[at] === 0) return at === body.length - 1;
    const end = body.indexOf(0, at + 1);
    if (end === -1) return false;
    at = end + 1;
  }
  return false;
}
