/** What must not be kept, wherever it stands in text of strangers. In this order: the first that fits takes it. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  // User and password of an address.
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, "$1[redacted]@"],
  [/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}/gi, "$1 [redacted]"],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, "[redacted]"],
  [
    /(["']?[\w-]*(?:password|passwd|pwd|secret|token|api[_-]?key|authorization|cookie|session|credential)[\w-]*["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,;&}]+)/gi,
    "$1[redacted]",
  ],
  [/\b(?:sk|pk|ghp|gho|xox[abp]|AKIA)[-_A-Za-z0-9]{12,}/g, "[redacted]"],
  [/[\w.+-]+@[\w-]+\.[\w.-]+/g, "[e-mail]"],
  [/\b(?:\d[ -]?){13,19}\b/g, "[number]"],
  [/\b[A-Fa-f0-9]{40,}\b/g, "[redacted]"],
  [/\b(?=[A-Za-z0-9+/_-]*\d)(?=[A-Za-z0-9+/_-]*[A-Z])[A-Za-z0-9+/_-]{40,}={0,2}/g, "[redacted]"],
];

/** A text on one line, bounded, without what looks like a secret or a person's address. */
export function redact(text: string, lengthMax = 300): string {
  // Cut first, so that the rules run on little; a secret that is cut in two is still one at its beginning.
  const line = text
    .slice(0, 4 * lengthMax)
    // oxlint-disable-next-line no-control-regex -- removing them is the purpose
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ");
  const clean = SECRETS.reduce((rest, [pattern, by]) => rest.replaceAll(pattern, by), line).trim();
  return clean.length <= lengthMax ? clean : `${clean.slice(0, lengthMax - 1)}…`;
}
