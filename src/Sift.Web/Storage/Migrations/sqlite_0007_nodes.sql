CREATE TABLE nodes (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  heir TEXT
) WITHOUT ROWID;
-- What an earlier version left belongs to a node that is dead.
INSERT INTO nodes (id, name, started_at, expires_at) VALUES ('', 'before nodes', 0, 0);
ALTER TABLE instances ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN claimed_by TEXT DEFAULT '';
ALTER TABLE deliveries ADD COLUMN in_call_attempts INTEGER NOT NULL DEFAULT 0;
CREATE INDEX instances_owned ON instances (owner) WHERE finished_at IS NULL OR has_pending_effects = 1;
