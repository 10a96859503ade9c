const MOST_BLOCKS = 50;
const MOST_ATTACHMENTS = 100;

/** Judges a webhook's body as Slack does; `why` is the text Slack answers with a 400. */
export function checkMessage(
  text: string,
): { ok: true; body: Record<string, unknown> } | { ok: false; why: string } {
  const body = parsed(text);
  if (body === undefined) return { ok: false, why: "invalid_payload" };
  const { blocks, attachments } = body;
  if (blocks !== undefined && (!Array.isArray(blocks) || blocks.length > MOST_BLOCKS)) {
    return { ok: false, why: "invalid_blocks" };
  }
  if (Array.isArray(attachments) && attachments.length > MOST_ATTACHMENTS) {
    return { ok: false, why: "too_many_attachments" };
  }
  const hasText = typeof body["text"] === "string" && body["text"] !== "";
  const hasMore = [blocks, attachments].some((it) => Array.isArray(it) && it.length > 0);
  return hasText || hasMore ? { ok: true, body } : { ok: false, why: "no_text" };
}

function parsed(text: string): Record<string, unknown> | undefined {
  // Old clients send a form with the JSON in one field.
  const json = text.startsWith("payload=")
    ? (new URLSearchParams(text).get("payload") ?? "")
    : text;
  try {
    const body: unknown = JSON.parse(json);
    if (typeof body !== "object" || body === null || Array.isArray(body)) return undefined;
    return Object.fromEntries(Object.entries(body));
  } catch {
    return undefined;
  }
}
