import { TLSSocket } from "node:tls";

import { buildConnector } from "undici";

import type { Details } from "../../domain/sample.ts";
import type { Instant, Millis } from "../../domain/time.ts";

const DAY_MS: Millis = 86_400_000;

/** A way to connect that remembers the certificate of the last handshake. */
export interface Connecting {
  readonly connect: buildConnector.connector;
  /** Whole days until the certificate ends; nothing while there was no handshake, as over plain http. */
  detailsAt(now: Instant): Details;
}

/**
 * Every connection shakes hands in full: a session that is taken up again shows the certificate of the day it began, and
 * one that has ended meanwhile would pass.
 */
export function connecting(timeoutMs: Millis): Connecting {
  const shake = buildConnector({ timeout: timeoutMs, allowH2: false, maxCachedSessions: 0 });
  let endsAt: Instant | null = null;
  return {
    connect(options, callback) {
      shake(options, (...[error, socket]) => {
        if (error !== null) return callback(error, null);
        endsAt = endOf(socket);
        callback(null, socket);
      });
    },
    detailsAt: (now) =>
      endsAt === null ? {} : { certificateDaysLeft: Math.floor((endsAt - now) / DAY_MS) },
  };
}

function endOf(socket: object): Instant | null {
  if (!(socket instanceof TLSSocket)) return null;
  // An empty object where there is none, whatever the types say.
  const { valid_to: end }: { valid_to?: string } = socket.getPeerCertificate();
  const at = Date.parse(end ?? "");
  return Number.isNaN(at) ? null : at;
}
