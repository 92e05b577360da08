CREATE TABLE accounts (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  sealed_token BLOB NOT NULL,
  enabled INTEGER NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE TABLE applications (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  name TEXT NOT NULL,
  on_incoming TEXT,
  default_routine TEXT,
  answer TEXT NOT NULL,
  fallback_routine TEXT,
  fallback_url TEXT,
  workflow_id TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX applications_by_account ON applications (account_id, created_at, id);
CREATE TABLE phone_numbers (
  number TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  application_id TEXT REFERENCES applications (id) ON DELETE SET NULL,
  created_at INTEGER NOT NULL
);
CREATE INDEX phone_numbers_by_account ON phone_numbers (account_id, created_at, number);
CREATE INDEX phone_numbers_by_application ON phone_numbers (application_id);
CREATE TABLE inventory_numbers (
  number TEXT NOT NULL PRIMARY KEY,
  country TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE INDEX inventory_numbers_by_country ON inventory_numbers (country, number);
CREATE TABLE idempotency_keys (
  account_id TEXT NOT NULL,
  route TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  resource_id TEXT NOT NULL,
  owner TEXT NOT NULL,
  status_code INTEGER,
  location TEXT,
  response TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, route, idempotency_key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
CREATE TABLE change_marks (
  topic TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL
);
CREATE TABLE instances (
  id TEXT NOT NULL PRIMARY KEY,
  definition_id TEXT NOT NULL,
  definition_version_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  correlation_id TEXT,
  name TEXT,
  account_id TEXT,
  status TEXT NOT NULL,
  sub_status TEXT NOT NULL,
  incident_count INTEGER NOT NULL,
  has_pending_effects INTEGER NOT NULL,
  last_sequence INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  finished_at INTEGER
) WITHOUT ROWID;
CREATE INDEX instances_live ON instances (created_at, id) WHERE finished_at IS NULL OR has_pending_effects = 1;
CREATE INDEX instances_finished ON instances (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX instances_by_creation ON instances (created_at, id);
CREATE TABLE journal (
  position INTEGER PRIMARY KEY,
  instance_id TEXT NOT NULL,
  first_sequence INTEGER NOT NULL,
  entries BLOB NOT NULL
);
CREATE UNIQUE INDEX journal_by_instance ON journal (instance_id, first_sequence);
CREATE TABLE connections (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL,
  from_endpoint TEXT NOT NULL,
  to_endpoint TEXT NOT NULL,
  direction TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  start_time INTEGER,
  end_time INTEGER,
  client_data TEXT,
  application_id TEXT,
  status_url TEXT,
  failure TEXT,
  sip_status INTEGER,
  parent_id TEXT,
  end_reason TEXT
);
CREATE INDEX connections_by_account ON connections (account_id, created_at, id);
CREATE INDEX connections_by_status ON connections (account_id, status, created_at, id);
CREATE INDEX connections_by_application ON connections (account_id, application_id, created_at, id);
CREATE INDEX connections_live ON connections (created_at, id) WHERE status IN ('connecting', 'connected');
CREATE INDEX connections_by_end ON connections (end_time) WHERE end_time IS NOT NULL;
CREATE TABLE deliveries (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL,
  connection_id TEXT,
  instance_id TEXT,
  kind TEXT NOT NULL,
  url TEXT NOT NULL,
  body BLOB NOT NULL,
  mode TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  next_attempt_at INTEGER,
  deadline INTEGER,
  sensitive INTEGER NOT NULL
);
CREATE INDEX deliveries_unfinished ON deliveries (created_at, id) WHERE state IN ('Pending', 'Scheduled');
CREATE INDEX deliveries_by_account ON deliveries (account_id, created_at, id);
CREATE INDEX deliveries_by_connection ON deliveries (connection_id);
CREATE INDEX deliveries_by_age ON deliveries (created_at) WHERE state NOT IN ('Pending', 'Scheduled');
CREATE TABLE delivery_attempts (
  delivery_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  took INTEGER NOT NULL,
  status INTEGER,
  error TEXT,
  response_body TEXT,
  PRIMARY KEY (delivery_id, number)
) WITHOUT ROWID;
CREATE TABLE definitions (
  id TEXT NOT NULL PRIMARY KEY,
  definition_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  is_published INTEGER NOT NULL,
  is_frozen INTEGER NOT NULL,
  json TEXT NOT NULL
);
CREATE INDEX definitions_by_flow ON definitions (definition_id, version);
