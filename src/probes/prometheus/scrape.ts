import type { LookupFunction } from "node:net";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";

import { Client, request } from "undici";

import { problem, type Problem } from "../../domain/problem.ts";
import { readBody } from "../body.ts";
import { short } from "../looking.ts";
import { byNetwork } from "../network.ts";
import type { Address } from "./addresses.ts";
import { parsePage, type Page } from "./page.ts";

export interface ScrapeOptions {
  readonly url: string;
  /** Where to connect to instead of asking for the name; name and certificate stay those of the url. */
  readonly address: Address | null;
  readonly headers: { readonly [name: string]: string };
  readonly signal: AbortSignal;
}

/**
 * Fetches one page over a connection of its own: over a kept one always the same of several workers would answer. A page
 * that is too large, broken or cut is a problem as a whole. Throws what nobody has classified.
 */
export async function scrape(options: ScrapeOptions): Promise<Page | Problem> {
  const { url, address, headers, signal } = options;
  const lookup = address === null ? {} : { lookup: lookupOf(address) };
  const client = new Client(new URL(url).origin, { allowH2: false, connect: lookup });
  try {
    const answer = await request(url, {
      dispatcher: client,
      headers: { "user-agent": "signalman", accept: ACCEPT, "accept-encoding": "gzip", ...headers },
      reset: true,
      signal,
    });
    const encoding = String(answer.headers["content-encoding"] ?? "identity").toLowerCase();
    const type = String(answer.headers["content-type"] ?? "");
    if (answer.statusCode !== 200) {
      const detail = `expected status 200, found ${answer.statusCode}`;
      return problem("unexpected-status", detail);
    }
    if (encoding !== "gzip" && encoding !== "identity")
      return problem(
        "metrics-malformed",
        `encoded as "${short(encoding)}", which was not asked for`,
      );
    return await readPage(encoding === "gzip" ? unzipped(answer.body) : answer.body, type);
  } catch (error) {
    const finding = byNetwork(error);
    if (finding !== null) return finding.problem;
    if (isOfZlib(error)) return problem("metrics-malformed", "the gzip of the page is broken");
    throw error;
  } finally {
    // Ends what is still being read as well.
    await client.destroy();
  }
}

/** What is read of one page, unpacked. */
const PAGE_BYTES_MAX = 8 * 1024 * 1024;
const SAMPLES_MAX = 50_000;
const ACCEPT =
  "text/plain;version=0.0.4;q=1,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1";

async function readPage(
  stream: AsyncIterable<Uint8Array> & { destroy(): unknown },
  type: string,
): Promise<Page | Problem> {
  const body = await readBody(stream, PAGE_BYTES_MAX);
  if (!body.whole) {
    const detail = `the page is larger than ${PAGE_BYTES_MAX >> 20} MiB and was cut: nothing of it is judged`;
    return problem("body-too-large", detail);
  }
  const text = Buffer.from(body.bytes).toString("utf8");
  const mustEnd = type.includes("openmetrics");
  const parsed = parsePage(text, { samplesMax: SAMPLES_MAX, mustEnd });
  if (parsed.ok) return parsed.page;
  return problem("metrics-malformed", `line ${parsed.line}: ${short(parsed.why, 160)}`);
}

/** Errors of either stream end both. */
function unzipped(body: Readable) {
  const gunzip = createGunzip();
  pipeline(body, gunzip, () => undefined);
  return gunzip;
}

function isOfZlib(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^Z_(?:DATA|BUF|NEED|STREAM)/.test(code);
}

function lookupOf({ address, family }: Address): LookupFunction {
  return (_host, options, done) => {
    if (options.all === true) done(null, [{ address, family }]);
    else done(null, address, family);
  };
}
