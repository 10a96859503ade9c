import { plain } from "./words.ts";

/** Foreign text inside Markdown: shown as it is, never obeyed. Links are broken, because strangers write them too. */
export function md(text: string): string {
  return plain(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/[\\`*_{}[\]|#~!$]/g, (sign) => `\\${sign}`)
    .replaceAll("://", "&#58;//")
    .replaceAll("@", "&#64;")
    .replaceAll(/www\./gi, (start) => `${start.slice(0, -1)}&#46;`)
    .replace(/^([-+=])/, "\\$1")
    .replace(/^(\d+)([.)])/, "$1\\$2");
}

/** One line of a Markdown table. Cells are already Markdown. */
export function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => (cell === "" ? "–" : cell)).join(" | ")} |`;
}

/** A whole table, or the sentence that stands in for an empty one. */
export function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  otherwise: string,
): readonly string[] {
  if (rows.length === 0) return [otherwise];
  return [row(heads), row(heads.map(() => "---")), ...rows.map(row)];
}
