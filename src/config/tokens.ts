import type { Fault } from "./fault.ts";

export const ROLES = ["viewer", "responder", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Who may use the HTTP API. The token itself is known to nobody but its holder. */
export interface Token {
  /** Stands in the journal and in messages as who did it. */
  readonly name: string;
  readonly role: Role;
  /** SHA-256 of the token, 64 hex digits in lower case. */
  readonly sha256: string;
}

const EXPECTED =
  'expected "name:role:sha256-of-token", comma separated, with the roles viewer, responder and admin, for example from: printf %s "$TOKEN" | sha256sum';

/** Reads `SIGNALMAN_TOKENS`. No fault repeats what was written: it may be a token put there by mistake. */
export function readTokens(text: string | null): {
  readonly tokens: readonly Token[];
  readonly faults: readonly Fault[];
} {
  const tokens: Token[] = [];
  const faults: Fault[] = [];
  const written = (text ?? "").split(",").map((one) => one.trim());
  written.forEach((one, index) => {
    if (one === "" && (written.length === 1 || index === written.length - 1)) return;
    const [, name, role, sha256] =
      /^([A-Za-z0-9][\w.-]{0,39}):(viewer|responder|admin):([0-9a-fA-F]{64})$/.exec(one) ?? [];
    if (name === undefined || role === undefined || sha256 === undefined)
      return faults.push(invalid(`entry ${index + 1}: ${EXPECTED}`));
    // Who did it has to be one person, and a token one role.
    if (tokens.some((token) => token.name === name))
      return faults.push(invalid(`entry ${index + 1}: a name stands there twice`));
    if (tokens.some((token) => token.sha256 === sha256.toLowerCase()))
      return faults.push(invalid(`entry ${index + 1}: a token stands there twice`));
    return tokens.push({ name, role: role as Role, sha256: sha256.toLowerCase() });
  });
  return { tokens: faults.length === 0 ? tokens : [], faults };
}

function invalid(message: string): Fault {
  return { code: "env-invalid", path: "$SIGNALMAN_TOKENS", line: 0, column: 0, message };
}
