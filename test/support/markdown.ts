import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** One page of ours: its path from the root, and its text. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** Something a page says, and what is wrong with it. */
export interface Fault {
  readonly page: string;
  readonly says: string;
}

/** What a checker saw: how much, and what was wrong. A checker that saw nothing proves nothing. */
export interface Seen {
  readonly count: number;
  readonly faults: readonly Fault[];
}

const LEFT_OUT = ["node_modules", ".git", ".signalman"];

/** Every Markdown page below the root that is ours. */
export function pagesBelow(root: string): readonly Page[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md") && !LEFT_OUT.includes(path.split("/")[0] ?? ""))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** Relative links whose file or heading is not there. */
export function checkLinks(root: string, page: Page): Seen {
  const links = [...withoutFences(page.text).matchAll(/\]\(([^()\s]+)\)/g)].flatMap((match) =>
    match[1] === undefined || /^[a-z]+:/.test(match[1]) ? [] : [match[1]],
  );
  return judge(page, links, (link) => {
    const [path = "", anchor] = link.split("#");
    const file = path === "" ? join(root, page.path) : resolve(root, dirname(page.path), path);
    if (!existsSync(file)) return false;
    return anchor === undefined || anchorsOf(readFileSync(file, "utf8")).includes(anchor);
  });
}

/** Paths in backticks that exist neither from the root nor from the page's own folder. */
export function checkPaths(root: string, page: Page): Seen {
  const top = readdirSync(root);
  const beside = readdirSync(join(root, dirname(page.path)));
  const paths = spansOf(page.text).filter((span) => isPath(span, [...top, ...beside]));
  return judge(
    page,
    paths,
    (path) => existsSync(join(root, path)) || existsSync(join(root, dirname(page.path), path)),
  );
}

/** Scripts named after `npm run` that package.json does not have. */
export function checkScripts(scripts: readonly string[], page: Page): Seen {
  const named = [...page.text.matchAll(/\bnpm run (?:-s )?([a-z][\w:-]*)/g)].map(
    (match) => match[1] ?? "",
  );
  return judge(page, named, (name) => scripts.includes(name));
}

/** Commands named after `signalman` in code that the program does not have. */
export function checkCommands(commands: readonly string[], page: Page): Seen {
  const code = [...fencesOf(page.text), ...spansOf(page.text)].join("\n");
  const named = [...code.matchAll(/\bsignalman (?:-- )?([a-z]+)\b(?!@)/g)].map(
    (match) => match[1] ?? "",
  );
  return judge(page, named, (name) => commands.includes(name));
}

/** The rows of the table whose head begins with this cell, without head and rule; cells as they stand. */
export function tableOf(text: string, firstHead: string): readonly (readonly string[])[] {
  const lines = text.split("\n");
  const head = lines.findIndex((line) => line.startsWith(`| ${firstHead} |`));
  if (head === -1) return [];
  const rows = lines.slice(head + 2);
  const end = rows.findIndex((line) => !line.startsWith("|"));
  return (end === -1 ? rows : rows.slice(0, end)).map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

/** The backticked words of a cell, in their order. */
export function spansOf(text: string): readonly string[] {
  return [...withoutFences(text).matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
}

function judge(page: Page, said: readonly string[], isRight: (one: string) => boolean): Seen {
  return {
    count: said.length,
    faults: said.filter((one) => !isRight(one)).map((says) => ({ page: page.path, says })),
  };
}

/** A path of ours: begins with a name of a folder there, or is a bare file name with an ending that we write. */
function isPath(span: string, roots: readonly string[]): boolean {
  if (!/^[\w.@-]+(\/[\w.@-]+)*\/?$/.test(span)) return false;
  // Names of tables of packages and of places that are not in the repository.
  if (span.startsWith("@") || span.startsWith(".railway/") || span.startsWith(".signalman"))
    return false;
  const [first = ""] = span.split("/");
  return span.includes("/") && (roots.includes(first) || /\.(ts|md|json|yaml|sql)$/.test(span));
}

function fencesOf(text: string): readonly string[] {
  return [...text.matchAll(/^```[^\n]*\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? "");
}

function withoutFences(text: string): string {
  return text.replaceAll(/^```[^\n]*\n[\s\S]*?^```/gm, "");
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): readonly string[] {
  return [...withoutFences(text).matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}
