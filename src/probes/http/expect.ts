import { problem, type ProblemCode } from "../../domain/problem.ts";
import { short, type Finding } from "../looking.ts";
import type { Body } from "../body.ts";
import type { Expect } from "./config.ts";

/** The first condition that does not hold, with what was expected and what was found; null when all hold. */
export function unmet(expect: Expect, status: number, body: Body): Finding | null {
  if (!isExpected(expect.status, status)) {
    const wanted = [expect.status ?? "200–299"].flat().join(" or ");
    return failing("unexpected-status", `expected status ${wanted}, found ${status}`);
  }
  if (expect.json === undefined) return null;
  if (!body.whole) {
    const detail = `more than ${body.bytes.length} bytes, so the conditions cannot be judged`;
    return { value: null, problem: problem("body-too-large", detail) };
  }
  const text = Buffer.from(body.bytes).toString("utf8");
  const parsed = parse(text);
  if (parsed === undefined) {
    const found = text.trim() === "" ? "an empty body" : `"${short(text)}"`;
    return failing("unexpected-body", `expected JSON, found ${found}`);
  }
  for (const [path, wanted] of Object.entries(expect.json)) {
    const found = valueAt(parsed, path);
    if (found === wanted) continue;
    const words = found === undefined ? "nothing" : short(JSON.stringify(found));
    const detail = `expected ${path} = ${short(JSON.stringify(wanted))}, found ${words}`;
    return failing("unexpected-body", detail);
  }
  return null;
}

function isExpected(wanted: Expect["status"], status: number): boolean {
  if (wanted === undefined) return status >= 200 && status <= 299;
  return [wanted].flat().includes(status);
}

function failing(code: ProblemCode, detail: string): Finding {
  return { value: 0, problem: problem(code, detail) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Follows names and list places: `checks.0.status`. Only what the body itself holds, nothing inherited. */
function valueAt(root: unknown, path: string): unknown {
  let current: unknown = root;
  for (const step of path.split(".")) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, step)) {
      return undefined;
    }
    current = Reflect.get(current, step);
  }
  return current;
}
