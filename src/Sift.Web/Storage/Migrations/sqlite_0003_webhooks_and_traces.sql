CREATE TABLE webhook_secrets (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  sealed_secret BLOB NOT NULL,
  hint TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER
);
CREATE INDEX webhook_secrets_by_account ON webhook_secrets (account_id, created_at);
CREATE TABLE webhook_endpoints (
  account_id TEXT NOT NULL,
  host TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  failing_since INTEGER,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, host)
) WITHOUT ROWID;
CREATE TABLE audit_log (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  detail TEXT
);
CREATE INDEX audit_log_by_account ON audit_log (account_id, at, id);
CREATE INDEX audit_log_by_time ON audit_log (at);
CREATE TABLE call_traces (
  connection_id TEXT NOT NULL PRIMARY KEY,
  recorded_at INTEGER NOT NULL,
  data BLOB NOT NULL
);
CREATE INDEX call_traces_by_age ON call_traces (recorded_at);
CREATE INDEX deliveries_by_state ON deliveries (account_id, state, created_at, id);
