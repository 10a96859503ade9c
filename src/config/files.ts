import { readFile, stat } from "node:fs/promises";

export type Text =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly missing: boolean; readonly why: string };

/** Reads a regular file of bounded size as UTF-8. Trouble is a value, in words without the file's content. */
export async function readText(
  path: string,
  bytesMax: number,
  signal?: AbortSignal,
): Promise<Text> {
  try {
    const found = await stat(path);
    // Anything else, a pipe for example, might never end.
    if (!found.isFile()) return refuse("it is not a file");
    if (found.size > bytesMax) return refuse(`it is larger than ${bytesMax} bytes`);
    const bytes = await readFile(path, { signal });
    return { ok: true, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof TypeError) return refuse("it is not UTF-8 text");
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    return code === "ENOENT"
      ? { ok: false, missing: true, why: "there is no such file" }
      : refuse(`it cannot be read (${code})`);
  }
}

function refuse(why: string): Text {
  return { ok: false, missing: false, why };
}
