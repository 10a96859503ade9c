/** The beginning of a body. `whole` is false when there was more than was read. */
export interface Body {
  readonly bytes: Uint8Array;
  readonly whole: boolean;
}

/** Reads at most `bytesMax` and lets go of the rest. Throws what the connection throws. */
export async function readBody(
  stream: AsyncIterable<Uint8Array> & { destroy(): unknown },
  bytesMax: number,
): Promise<Body> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    chunks.push(chunk);
    if (length <= bytesMax) continue;
    stream.destroy();
    return { bytes: Buffer.concat(chunks).subarray(0, bytesMax), whole: false };
  }
  return { bytes: Buffer.concat(chunks), whole: true };
}
