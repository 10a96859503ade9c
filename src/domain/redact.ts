/**
 * Text of strangers without what looks like a secret: passwords in addresses, tokens of the `Authorization` header, and values
 * of keys that are named like secrets. What looks like nothing known stays: this is a net, not a proof.
 */
export function redact(text: string): string {
  return RULES.reduce((clean, [pattern, put]) => clean.replaceAll(pattern, put), text);
}

const HIDDEN = "[hidden]";

const RULES: readonly (readonly [RegExp, string])[] = [
  // scheme://user:password@host, also with a password that holds an @
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"']{0,200}):[^\s/"']{1,500}@/gi, `$1:${HIDDEN}@`],
  [/\b(bearer|basic|token)(\s+)[a-z0-9._~+/=-]{8,2000}/gi, `$1$2${HIDDEN}`],
  [
    /(\b[\w-]{0,40}(?:password|passwd|secret|token|api[_-]?key|access[_-]?key|authorization|cookie)[\w-]{0,20}["']?\s{0,3}[:=]\s{0,3}["']?)(?!\[hidden\])[^\s"',;&)}\]]{3,500}/gi,
    `$1${HIDDEN}`,
  ],
  // JSON web tokens, and keys with the prefix of their maker
  [/\beyJ[\w-]{8,2000}\.[\w-]{4,2000}\.[\w-]{4,2000}/g, HIDDEN],
  [/\b(?:sk|pk|rk|ghp|gho|ghs|xox[abprs]|whsec|AKIA)[-_]?[A-Za-z0-9_-]{16,500}/g, HIDDEN],
];
