-- Fallback, poison containment, holds by hand.

-- A delivery's age counts from here: null is "since the event was received"; a replay and a fallback begin anew.
ALTER TABLE deliveries ADD COLUMN queued_at TEXT CHECK (length(queued_at) = 24);
-- Processes that died while this delivery was under way, in a row.
ALTER TABLE deliveries ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0 CHECK (deaths >= 0);

-- Events that a connector did not take in time, or not at all, and the connector that got them as well. Its delivery is
-- a row in `deliveries` like any other. These rows outlive it: nobody gets an event as a fallback twice, and a replay
-- knows what was sent meanwhile. They go with their event.
CREATE TABLE fallbacks (
  seq       INTEGER NOT NULL REFERENCES events (seq) ON DELETE CASCADE,
  connector TEXT NOT NULL CHECK (connector <> ''),
  fallback  TEXT NOT NULL CHECK (fallback <> '' AND fallback <> connector),
  stands_in INTEGER NOT NULL CHECK (stands_in IN (0, 1)),  -- 0: the event has a route of its own to the fallback
  reason    TEXT NOT NULL,
  at        TEXT NOT NULL CHECK (length(at) = 24),
  PRIMARY KEY (seq, connector)
) STRICT, WITHOUT ROWID;

-- Connectors that an operator holds (nothing is sent) or drains (what was pending then is sent, what came later waits).
CREATE TABLE controls (
  connector TEXT PRIMARY KEY CHECK (connector <> ''),
  mode      TEXT NOT NULL CHECK (mode IN ('hold', 'drain')),
  upto_seq  INTEGER NOT NULL CHECK (upto_seq >= 0),  -- drain: the newest event that is still sent
  actor     TEXT NOT NULL,
  reason    TEXT NOT NULL,
  at        TEXT NOT NULL CHECK (length(at) = 24),
  until     TEXT CHECK (length(until) = 24)          -- resumed by itself then; null: by hand
) STRICT, WITHOUT ROWID;
