CREATE TABLE recordings (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  with_connection_id TEXT,
  started_at INTEGER NOT NULL,
  sample_rate INTEGER NOT NULL,
  duration INTEGER,
  bytes INTEGER,
  error TEXT
);
CREATE INDEX recordings_by_account ON recordings (account_id, started_at, id);
CREATE INDEX recordings_by_connection ON recordings (connection_id);
CREATE INDEX recordings_by_other_connection ON recordings (with_connection_id);
CREATE INDEX recordings_by_age ON recordings (started_at);
