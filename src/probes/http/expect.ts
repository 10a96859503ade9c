import { problem, type ProblemCode } from "../../domain/problem.ts";
import { short, type Finding } from "../looking.ts";
import type { Body } from "../body.ts";
import type { Expect } from "./config.ts";

/** What the app sent. */
export interface Answer {
  readonly status: number;
  /** Where it sends us on to. */
  readonly location: string | null;
  readonly encoding: string | null;
  readonly body: Body;
}

/** The first condition that does not hold, with what was expected and what was found; null when all hold. */
export function unmet(expect: Expect, answer: Answer): Finding | null {
  const { status, body } = answer;
  if (!isExpected(expect.status, status)) {
    const wanted = [expect.status ?? "200–299"].flat().join(" or ");
    const detail = `expected status ${wanted}, found ${status}${onward(answer)}`;
    return failing("unexpected-status", detail);
  }
  if (expect.json === undefined) return null;
  const unread = unreadable(answer);
  if (unread !== null) return unread;
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

/** Redirects are not followed: where they lead may answer while this address does not. */
function onward({ status, location }: Answer): string {
  if (status < 300 || status > 399 || location === null) return "";
  // What stands behind the question mark may be a token.
  return `, which leads to ${short(location.split(/[?#]/, 1)[0] ?? "")} and is not followed`;
}

/** Conditions on a body that we have not read, or not in plain text, are neither met nor unmet. */
function unreadable({ body, encoding }: Answer): Finding | null {
  if (!body.whole) {
    const detail = `more than ${body.bytes.length} bytes, so the conditions cannot be judged`;
    return { value: null, problem: problem("body-too-large", detail) };
  }
  if (encoding === null || encoding.toLowerCase() === "identity") return null;
  const detail = `encoded as ${short(encoding)} although it was asked for as it is, so the conditions cannot be judged`;
  return { value: null, problem: problem("unexpected-body", detail) };
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
