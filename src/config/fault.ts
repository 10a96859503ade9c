/** One thing that is wrong, and where. Never holds the value of a secret. */
export interface Fault {
  /** Stable, for tests and `--json`. */
  readonly code: FaultCode;
  /** Where in the tree: `targets[0].probes[1].every`; `$PORT` for an environment variable; empty for the whole file. */
  readonly path: string;
  /** From 1; 0 where there is no line, such as for a missing file. */
  readonly line: number;
  readonly column: number;
  /** What was expected and what was found. */
  readonly message: string;
  /** The file, when it is another than the configuration itself. */
  readonly file?: string;
}

/** What can be wrong. Stable; docs/reference/configuration.md lists them, and a test compares. */
export const FAULT_CODES = [
  // The file as such.
  "file-missing",
  "file-unreadable",
  "file-empty",
  "yaml-syntax",
  "yaml-duplicate-key",
  // One place in it.
  "missing",
  "unknown-key",
  "wrong-type",
  "wrong-value",
  "unknown-kind",
  "version",
  // References and secrets.
  "env-unset",
  "env-invalid",
  "reference-malformed",
  "reference-unreadable",
  "secret-literal",
  // How places fit together.
  "target-duplicate",
  "target-without-probes",
  "target-without-url",
  "name-taken",
  "needs-unknown",
  "needs-self",
  "needs-cycle",
  "own-service",
  "retry-too-long",
  "switch-target-unknown",
  "switch-without-targets",
  "variable-without-service",
  "lease-too-long",
  "renew-too-long",
  "mode-unknown",
  "settle-too-short",
  "limit-unknown",
  "signal-unknown",
  "signal-unwatched",
  "verify-unused",
  "detector-unknown",
  "setting-unknown",
  // Runbooks.
  "machine-unknown",
  "action-unknown",
  "slot-missing",
  "slot-unused",
  "limit-missing",
  "runbook-duplicate",
  "runbook-missing",
  "state-without-end",
] as const;

export type FaultCode = (typeof FAULT_CODES)[number];

export type Path = readonly (string | number)[];

/** In the order of the file; the same fault at the same place once. */
export function inOrder(faults: readonly Fault[]): readonly Fault[] {
  const known = new Set<string>();
  return faults
    .filter(({ path, code, message, line, column }) => {
      const key = JSON.stringify([path, code, message, line, column]);
      return known.has(key) ? false : known.add(key);
    })
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

/** The path as people write it: `switches.read-only.drivers[0].url`. */
export function spellPath(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      if (!/^[\w-]+$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join("");
}
