-- Signed checkpoints of the audit chain, and what retention may remove.

-- The head of the chain as it was, signed (docs/reference/database.md has the note's form). One row of the trail has at
-- most one: a later checkpoint of the same head says all that an earlier one said.
CREATE TABLE checkpoints (
  audit_id INTEGER PRIMARY KEY CHECK (audit_id > 0),
  reason   TEXT NOT NULL CHECK (reason IN ('interval', 'prune')),
  at       TEXT NOT NULL CHECK (length(at) = 24),
  hash     TEXT NOT NULL CHECK (length(hash) = 64),
  key      TEXT NOT NULL CHECK (length(key) = 8),  -- the signed note's hash of it
  note     TEXT NOT NULL
) STRICT;
-- The newest that was made in its time; and of those that a prune made only the newest is kept.
CREATE INDEX checkpoints_by_reason ON checkpoints (reason, audit_id);

-- Up to where the oldest rows of the trail are gone, because their time was over. A checkpoint made in the transaction
-- that moves it says the same, signed: rows that somebody else deleted are told from rows that were pruned.
CREATE TABLE audit_horizon (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  audit_id INTEGER NOT NULL CHECK (audit_id >= 0),     -- the newest row that is gone; 0: none is
  hash     TEXT NOT NULL CHECK (length(hash) = 64),    -- its hash, which the first row left continues
  at       TEXT NOT NULL CHECK (at = '' OR length(at) = 24)
) STRICT;
INSERT INTO audit_horizon VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000', '');

CREATE TRIGGER audit_horizon_only_rises BEFORE UPDATE ON audit_horizon WHEN NEW.audit_id < OLD.audit_id
BEGIN SELECT RAISE(ABORT, 'the horizon of the audit trail only rises'); END;
CREATE TRIGGER audit_horizon_stays BEFORE DELETE ON audit_horizon
BEGIN SELECT RAISE(ABORT, 'the horizon of the audit trail stays'); END;

DROP TRIGGER audit_is_append_only_delete;
CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit
WHEN OLD.id > coalesce((SELECT audit_id FROM audit_horizon WHERE only_row = 1), 0)
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only: only rows below its horizon may go'); END;

-- What retention has removed since the audit last said so.
CREATE TABLE pruned (
  what TEXT PRIMARY KEY,  -- a table's name
  rows INTEGER NOT NULL CHECK (rows > 0)
) STRICT, WITHOUT ROWID;

CREATE INDEX links_by_age ON links (updated_at);
