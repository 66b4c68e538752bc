-- The gateway's database. Times are RFC 3339 UTC text with milliseconds, so that `sqlite3 gateway.db 'select * from
-- audit'` is a user interface. Only one connection writes; see src/store/sqlite/.

-- What was accepted, in order, with the sender's bytes; the canonical event is derived from them on read. No index but
-- the key: a random-order index on id was measured to cost 3-4 times the inserts, so repeated ids are recognised by a
-- window of hashes in memory. `body` is last, so that reading the other columns never follows its overflow pages.
CREATE TABLE events (
  seq         INTEGER PRIMARY KEY,
  id          TEXT NOT NULL CHECK (id <> ''),
  kind        TEXT NOT NULL,
  severity    TEXT NOT NULL CHECK (severity IN ('info', 'low', 'medium', 'high', 'critical')),
  case_id     TEXT,                       -- null: belongs to no case
  tenant      TEXT,
  origin      TEXT NOT NULL,
  received_at TEXT NOT NULL CHECK (length(received_at) = 24),
  routes      TEXT NOT NULL,              -- JSON: [{"to","why","muted"?}]
  body        TEXT NOT NULL
) STRICT;

CREATE TRIGGER events_are_immutable BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are immutable'); END;

-- The pending set, nothing else: a delivered row is deleted, so the table is as small as the backlog, however long the
-- history. No foreign key to events: pruning an event would scan this table for lack of an index that the hot path
-- should not pay for. Order per case comes from reading in seq order and the case_id of the event.
CREATE TABLE deliveries (
  connector       TEXT NOT NULL CHECK (connector <> ''),
  seq             INTEGER NOT NULL,
  state           TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'unknown')),  -- unknown: the last attempt may have arrived
  attempts        INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  next_attempt_at TEXT CHECK (length(next_attempt_at) = 24),
  last_error      TEXT,
  PRIMARY KEY (connector, seq)
) STRICT, WITHOUT ROWID;

-- The failure mailbox: what was rejected or gave up, with the reason and the way back (replay, discard). Ids are never
-- reused (AUTOINCREMENT), so `mailbox discard 12` cannot hit another entry than the one that was looked at.
CREATE TABLE mailbox (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  connector   TEXT NOT NULL CHECK (connector <> ''),
  seq         INTEGER NOT NULL REFERENCES events (seq),  -- an event in the mailbox cannot be pruned
  event_id    TEXT NOT NULL,
  case_id     TEXT,
  severity    TEXT NOT NULL,
  cause       TEXT NOT NULL CHECK (cause <> ''),         -- rejected | gave_up | unrenderable
  reason      TEXT NOT NULL,
  fingerprint TEXT NOT NULL CHECK (fingerprint <> ''),   -- one root cause, one group
  attempts    INTEGER NOT NULL CHECK (attempts >= 0),
  at          TEXT NOT NULL CHECK (length(at) = 24),
  UNIQUE (seq, connector)
) STRICT;
CREATE INDEX mailbox_by_connector ON mailbox (connector);
CREATE INDEX mailbox_by_fingerprint ON mailbox (fingerprint);

-- What a connector knows of a case at its receiver: the ticket, the message, the incident.
CREATE TABLE links (
  connector    TEXT NOT NULL CHECK (connector <> ''),
  subject      TEXT NOT NULL CHECK (subject <> ''),
  external_ref TEXT NOT NULL,
  url          TEXT NOT NULL,
  state        TEXT NOT NULL,
  updated_at   TEXT NOT NULL CHECK (length(updated_at) = 24),
  PRIMARY KEY (connector, subject)
) STRICT, WITHOUT ROWID;

-- The audit trail: append-only and hash-chained (src/store/audit_chain.hpp says over which bytes).
CREATE TABLE audit (
  id             INTEGER PRIMARY KEY CHECK (id > 0),
  at             TEXT NOT NULL CHECK (length(at) = 24),
  actor          TEXT NOT NULL,
  action         TEXT NOT NULL,
  connector      TEXT NOT NULL,           -- '': not about one
  first_seq      INTEGER CHECK (first_seq > 0),
  last_seq       INTEGER,
  count          INTEGER NOT NULL CHECK (count >= 0),
  attempt        INTEGER NOT NULL CHECK (attempt >= 0),
  outcome        TEXT NOT NULL,
  status_code    INTEGER CHECK (status_code >= 0),
  latency_ms     INTEGER CHECK (latency_ms >= 0),
  request_digest TEXT NOT NULL,
  detail         TEXT NOT NULL,
  prev_hash      TEXT NOT NULL CHECK (length(prev_hash) = 64),
  hash           TEXT NOT NULL CHECK (length(hash) = 64),
  -- A row never spans more than 65536 events (the writer splits it): what a look-up by event relies on.
  CHECK ((first_seq IS NULL) = (last_seq IS NULL)),
  CHECK (last_seq BETWEEN first_seq AND first_seq + 65535)
) STRICT;
CREATE INDEX audit_by_event ON audit (first_seq, last_seq) WHERE first_seq IS NOT NULL;

CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;

-- The books, kept in the transaction that changes what they count. The conservation law, per connector:
-- routed = delivered + muted + coalesced + discarded + rows in deliveries + rows in mailbox.
CREATE TABLE accounts (
  connector TEXT PRIMARY KEY CHECK (connector <> ''),
  routed    INTEGER NOT NULL,
  delivered INTEGER NOT NULL CHECK (delivered >= 0),
  muted     INTEGER NOT NULL CHECK (muted >= 0),
  coalesced INTEGER NOT NULL CHECK (coalesced >= 0),
  discarded INTEGER NOT NULL CHECK (discarded >= 0),
  CHECK (routed >= delivered + muted + coalesced + discarded)
) STRICT, WITHOUT ROWID;

-- One row: what was ever accepted (retention does not lower it), and the next sequence number, never used before.
CREATE TABLE totals (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  next_seq INTEGER NOT NULL CHECK (next_seq > 0),
  events   INTEGER NOT NULL CHECK (events >= 0),
  unrouted INTEGER NOT NULL CHECK (unrouted BETWEEN 0 AND events)
) STRICT;
INSERT INTO totals VALUES (1, 1, 0, 0);

-- instance_id, created_at, clean_shutdown, space_probe.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
