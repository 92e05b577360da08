CREATE TABLE webhook_secrets (
  id text NOT NULL PRIMARY KEY,
  account_id text NOT NULL REFERENCES accounts (id),
  sealed_secret bytea NOT NULL,
  hint text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint
);
CREATE INDEX webhook_secrets_by_account ON webhook_secrets (account_id, created_at);
CREATE TABLE webhook_endpoints (
  account_id text NOT NULL,
  host text NOT NULL,
  state text NOT NULL,
  reason text,
  failing_since bigint,
  changed_at bigint NOT NULL,
  PRIMARY KEY (account_id, host)
);
CREATE TABLE audit_log (
  id text NOT NULL PRIMARY KEY,
  account_id text,
  at bigint NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  target text NOT NULL,
  detail text
);
CREATE INDEX audit_log_by_account ON audit_log (account_id, at, id);
CREATE INDEX audit_log_by_time ON audit_log (at);
CREATE TABLE call_traces (
  connection_id text NOT NULL PRIMARY KEY,
  recorded_at bigint NOT NULL,
  data bytea NOT NULL
);
CREATE INDEX call_traces_by_age ON call_traces (recorded_at);
CREATE INDEX deliveries_by_state ON deliveries (account_id, state, created_at, id);
