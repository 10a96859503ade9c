-- The journal is the truth; every other table is a cache of it, except the delivery of notices.
-- Times are milliseconds since 1970; a body is the whole row as JSON, the columns beside it are what is asked for.
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  event_id TEXT NOT NULL UNIQUE,
  incident TEXT,
  type TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX journal_at ON journal (at);
CREATE INDEX journal_incident ON journal (incident, seq) WHERE incident IS NOT NULL;

-- In the next four tables `seq` is the journal entry that wrote the row last.
-- `place` keeps the order of first writing, which is the order the world has in memory.
CREATE TABLE incidents (
  place INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  seq INTEGER NOT NULL REFERENCES journal (seq),
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  closed_at INTEGER,
  body TEXT NOT NULL
);
CREATE INDEX incidents_opened ON incidents (opened_at, place);

CREATE TABLE attempts (
  place INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  seq INTEGER NOT NULL REFERENCES journal (seq),
  incident TEXT,
  state TEXT NOT NULL,
  ended_at INTEGER,
  body TEXT NOT NULL
);
CREATE INDEX attempts_incident ON attempts (incident, place);

CREATE TABLE leases (
  place INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  seq INTEGER NOT NULL REFERENCES journal (seq),
  state TEXT NOT NULL,
  -- The lease's `until` once it is ended; nothing before.
  ended_at INTEGER,
  body TEXT NOT NULL
);

CREATE TABLE timers (
  place INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  seq INTEGER NOT NULL REFERENCES journal (seq),
  due INTEGER NOT NULL,
  body TEXT NOT NULL
);

CREATE TABLE marks (
  key TEXT PRIMARY KEY,
  body TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE notices (
  ord INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  incident TEXT,
  state TEXT NOT NULL,
  tries INTEGER NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX notices_incident ON notices (incident, ord);
CREATE INDEX notices_undelivered ON notices (ord) WHERE state IN ('pending', 'sending');
