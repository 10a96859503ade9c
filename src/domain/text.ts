/** Line breaks, control characters (a terminal obeys some of them), and those that turn or hide text. */
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g;

/** Text that may come from strangers, as one harmless line of at most `lengthMax` characters. */
export function oneLine(text: string, lengthMax: number): string {
  const line = text.replaceAll(UNSAFE, " ").trim();
  return line.length > lengthMax ? `${line.slice(0, lengthMax - 1)}…` : line;
}
