CREATE TABLE accounts (
  id text NOT NULL PRIMARY KEY,
  name text NOT NULL,
  sealed_token bytea NOT NULL,
  enabled integer NOT NULL,
  created_at bigint NOT NULL
);
CREATE TABLE applications (
  id text NOT NULL PRIMARY KEY,
  account_id text NOT NULL REFERENCES accounts (id),
  name text NOT NULL,
  on_incoming text,
  default_routine text,
  answer text NOT NULL,
  fallback_routine text,
  fallback_url text,
  workflow_id text,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL
);
CREATE INDEX applications_by_account ON applications (account_id, created_at, id);
CREATE TABLE phone_numbers (
  number text NOT NULL PRIMARY KEY,
  account_id text NOT NULL REFERENCES accounts (id),
  application_id text REFERENCES applications (id) ON DELETE SET NULL,
  created_at bigint NOT NULL
);
CREATE INDEX phone_numbers_by_account ON phone_numbers (account_id, created_at, number);
CREATE INDEX phone_numbers_by_application ON phone_numbers (application_id);
CREATE TABLE inventory_numbers (
  number text NOT NULL PRIMARY KEY,
  country text NOT NULL,
  created_at bigint NOT NULL
);
CREATE INDEX inventory_numbers_by_country ON inventory_numbers (country, number);
CREATE TABLE idempotency_keys (
  account_id text NOT NULL,
  route text NOT NULL,
  idempotency_key text NOT NULL,
  body_hash text NOT NULL,
  resource_id text NOT NULL,
  owner text NOT NULL,
  status_code integer,
  location text,
  response text,
  created_at bigint NOT NULL,
  PRIMARY KEY (account_id, route, idempotency_key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
CREATE TABLE change_marks (
  topic text NOT NULL PRIMARY KEY,
  version bigint NOT NULL
);
CREATE TABLE instances (
  id text NOT NULL PRIMARY KEY,
  definition_id text NOT NULL,
  definition_version_id text NOT NULL,
  version integer NOT NULL,
  correlation_id text,
  name text,
  account_id text,
  status text NOT NULL,
  sub_status text NOT NULL,
  incident_count integer NOT NULL,
  has_pending_effects integer NOT NULL,
  last_sequence bigint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  finished_at bigint
);
CREATE INDEX instances_live ON instances (created_at, id) WHERE finished_at IS NULL OR has_pending_effects = 1;
CREATE INDEX instances_finished ON instances (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX instances_by_creation ON instances (created_at, id);
CREATE TABLE journal (
  position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  instance_id TEXT NOT NULL,
  first_sequence BIGINT NOT NULL,
  entries BYTEA NOT NULL
);
CREATE UNIQUE INDEX journal_by_instance ON journal (instance_id, first_sequence);
CREATE TABLE connections (
  id text NOT NULL PRIMARY KEY,
  account_id text NOT NULL,
  from_endpoint text NOT NULL,
  to_endpoint text NOT NULL,
  direction text NOT NULL,
  status text NOT NULL,
  created_at bigint NOT NULL,
  start_time bigint,
  end_time bigint,
  client_data text,
  application_id text,
  status_url text,
  failure text,
  sip_status integer,
  parent_id text,
  end_reason text
);
CREATE INDEX connections_by_account ON connections (account_id, created_at, id);
CREATE INDEX connections_by_status ON connections (account_id, status, created_at, id);
CREATE INDEX connections_by_application ON connections (account_id, application_id, created_at, id);
CREATE INDEX connections_live ON connections (created_at, id) WHERE status IN ('connecting', 'connected');
CREATE INDEX connections_by_end ON connections (end_time) WHERE end_time IS NOT NULL;
CREATE TABLE deliveries (
  id text NOT NULL PRIMARY KEY,
  account_id text NOT NULL,
  connection_id text,
  instance_id text,
  kind text NOT NULL,
  url text NOT NULL,
  body bytea NOT NULL,
  mode text NOT NULL,
  created_at bigint NOT NULL,
  state text NOT NULL,
  attempts integer NOT NULL,
  next_attempt_at bigint,
  deadline bigint,
  sensitive integer NOT NULL
);
CREATE INDEX deliveries_unfinished ON deliveries (created_at, id) WHERE state IN ('Pending', 'Scheduled');
CREATE INDEX deliveries_by_account ON deliveries (account_id, created_at, id);
CREATE INDEX deliveries_by_connection ON deliveries (connection_id);
CREATE INDEX deliveries_by_age ON deliveries (created_at) WHERE state NOT IN ('Pending', 'Scheduled');
CREATE TABLE delivery_attempts (
  delivery_id text NOT NULL,
  number integer NOT NULL,
  at bigint NOT NULL,
  took bigint NOT NULL,
  status integer,
  error text,
  response_body text,
  PRIMARY KEY (delivery_id, number)
);
CREATE TABLE definitions (
  id text NOT NULL PRIMARY KEY,
  definition_id text NOT NULL,
  version integer NOT NULL,
  is_published integer NOT NULL,
  is_frozen integer NOT NULL,
  json text NOT NULL
);
CREATE INDEX definitions_by_flow ON definitions (definition_id, version);
