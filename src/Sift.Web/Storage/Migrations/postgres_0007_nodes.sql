CREATE TABLE nodes (
  id text NOT NULL PRIMARY KEY,
  name text NOT NULL,
  started_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  heir text
);
-- What an earlier version left belongs to a node that is dead.
INSERT INTO nodes (id, name, started_at, expires_at) VALUES ('', 'before nodes', 0, 0);
ALTER TABLE instances ADD COLUMN owner text NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN claimed_by text DEFAULT '';
ALTER TABLE deliveries ADD COLUMN in_call_attempts integer NOT NULL DEFAULT 0;
CREATE INDEX instances_owned ON instances (owner) WHERE finished_at IS NULL OR has_pending_effects = 1;
