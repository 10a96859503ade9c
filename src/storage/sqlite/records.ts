import type { DatabaseSync } from "node:sqlite";

import type { Attempt } from "../../domain/attempt.ts";
import type { Incident } from "../../domain/incident.ts";
import type { Entry } from "../../domain/world.ts";
import type { Records } from "../../ports/store.ts";
import { bodyOf, deliveryOf, headOf } from "./rows.ts";

/** The reading side over an open journal. Each answer is of one moment. SQLite's errors reject. */
export function createRecords(db: DatabaseSync): Records {
  const newest = db.prepare(
    "SELECT body FROM incidents ORDER BY opened_at DESC, place DESC LIMIT ?",
  );
  const byId = db.prepare("SELECT body FROM incidents WHERE id = ?");
  const byPrefix = db.prepare("SELECT body FROM incidents WHERE id >= ? AND id < ? LIMIT 2");
  const attempts = db.prepare("SELECT body FROM attempts WHERE incident = ? ORDER BY place");
  const deliveries = db.prepare("SELECT * FROM notices WHERE incident = ? ORDER BY ord");
  const all = db.prepare("SELECT body FROM journal WHERE seq > ? ORDER BY seq LIMIT ?");
  const about = db.prepare(
    "SELECT body FROM journal WHERE incident = ? AND seq > ? ORDER BY seq LIMIT ?",
  );

  const head = db.prepare("SELECT seq, at, hash FROM journal ORDER BY seq DESC LIMIT 1");

  return {
    async head(signal) {
      signal.throwIfAborted();
      return headOf(head.get());
    },
    async incidents(limit, signal) {
      signal.throwIfAborted();
      return newest.all(limit).map(bodyOf) as Incident[];
    },
    async incident(idOrPrefix, signal) {
      signal.throwIfAborted();
      const exact = byId.get(idOrPrefix);
      if (exact !== undefined) return bodyOf(exact) as Incident;
      if (idOrPrefix === "") return null;
      const [first, second] = byPrefix.all(idOrPrefix, `${idOrPrefix}\u{10FFFF}`);
      return first === undefined || second !== undefined ? null : (bodyOf(first) as Incident);
    },
    async attempts(incident, signal) {
      signal.throwIfAborted();
      return attempts.all(incident).map(bodyOf) as Attempt[];
    },
    async deliveries(incident, signal) {
      signal.throwIfAborted();
      return deliveries.all(incident).map(deliveryOf);
    },
    async entries({ incident, after = 0, limit = -1 }, signal) {
      signal.throwIfAborted();
      const rows =
        incident === undefined ? all.all(after, limit) : about.all(incident, after, limit);
      return rows.map(bodyOf) as Entry[];
    },
    async close() {
      if (db.isOpen) db.close();
    },
  };
}
