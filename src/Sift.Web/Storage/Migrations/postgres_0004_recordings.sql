CREATE TABLE recordings (
  id text NOT NULL PRIMARY KEY,
  account_id text NOT NULL,
  connection_id text NOT NULL,
  with_connection_id text,
  started_at bigint NOT NULL,
  sample_rate integer NOT NULL,
  duration bigint,
  bytes bigint,
  error text
);
CREATE INDEX recordings_by_account ON recordings (account_id, started_at, id);
CREATE INDEX recordings_by_connection ON recordings (connection_id);
CREATE INDEX recordings_by_other_connection ON recordings (with_connection_id);
CREATE INDEX recordings_by_age ON recordings (started_at);
