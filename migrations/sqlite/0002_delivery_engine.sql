-- Fallback, poison containment, holds by hand.

-- A delivery's age counts from here: null is "since the event was received"; a replay and a fallback begin anew.
ALTER TABLE deliveries ADD COLUMN queued_at TEXT CHECK (length(queued_at) = 24);
-- Set on a fallback's delivery: the connectors that did not take the event, first one first ("pager, soc-hook").
ALTER TABLE deliveries ADD COLUMN stands_in_for TEXT CHECK (stands_in_for <> '');
-- Set on the delivery that was not taken in time: the connector that got the event as well.
ALTER TABLE deliveries ADD COLUMN fallback_to TEXT CHECK (fallback_to <> '');
-- Processes that died while this delivery was under way, in a row.
ALTER TABLE deliveries ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0 CHECK (deaths >= 0);

-- What a replay has to restore.
ALTER TABLE mailbox ADD COLUMN stands_in_for TEXT CHECK (stands_in_for <> '');
ALTER TABLE mailbox ADD COLUMN fallback_to TEXT CHECK (fallback_to <> '');

-- Connectors that an operator holds (nothing is sent) or drains (what was pending then is sent, what came later waits).
CREATE TABLE controls (
  connector TEXT PRIMARY KEY CHECK (connector <> ''),
  mode      TEXT NOT NULL CHECK (mode IN ('hold', 'drain')),
  upto_seq  INTEGER NOT NULL CHECK (upto_seq >= 0),  -- drain: the newest event that is still sent
  actor     TEXT NOT NULL,
  reason    TEXT NOT NULL,
  at        TEXT NOT NULL CHECK (length(at) = 24)
) STRICT, WITHOUT ROWID;
