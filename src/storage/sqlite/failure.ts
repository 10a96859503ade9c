import { problem, type Problem } from "../../domain/problem.ts";

/**
 * An operating failure of the disk or of SQLite as a value. Anything else (a constraint that our own code
 * broke, a wrong statement, an assertion) is a programmer error and is thrown on.
 */
export function storeProblem(error: unknown, file: string): Problem {
  if (!(error instanceof Error)) throw error;
  const code = sqliteCode(error);
  if (code !== null) {
    if (PROGRAMMER_ERRORS.has(code & 0xff)) throw error;
    return problem("store-failed", `${file}: ${error.message} (SQLite ${code})`);
  }
  if ("syscall" in error) return problem("store-failed", `${file}: ${error.message}`);
  throw error;
}

/** True when the file holds something that SQLite cannot read as a database. */
export function isCorrupt(error: unknown): boolean {
  const code = error instanceof Error ? sqliteCode(error) : null;
  return code !== null && CORRUPT.has(code & 0xff);
}

/** True when somebody else holds a lock. */
export function isBusy(error: unknown): boolean {
  const code = error instanceof Error ? sqliteCode(error) : null;
  return code !== null && (code & 0xff) === 5;
}

/** SQLITE_ERROR, INTERNAL, CONSTRAINT, MISMATCH, MISUSE, RANGE. */
const PROGRAMMER_ERRORS: ReadonlySet<number> = new Set([1, 2, 19, 20, 21, 25]);
/** SQLITE_CORRUPT, NOTADB. */
const CORRUPT: ReadonlySet<number> = new Set([11, 26]);

/** The extended result code, of which the lowest byte is the primary one. */
function sqliteCode(error: Error): number | null {
  return "errcode" in error && typeof error.errcode === "number" ? error.errcode : null;
}
