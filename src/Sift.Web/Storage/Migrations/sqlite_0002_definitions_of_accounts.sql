ALTER TABLE definitions ADD COLUMN account_id TEXT;
ALTER TABLE definitions ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE definitions ADD COLUMN description TEXT;
ALTER TABLE definitions ADD COLUMN is_latest INTEGER NOT NULL DEFAULT 0;
ALTER TABLE definitions ADD COLUMN is_deleted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE definitions ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
UPDATE definitions SET name = COALESCE(json_extract(json, '$.name'), definition_id), description = json_extract(json, '$.description'),
  is_latest = COALESCE(json_extract(json, '$.isLatest'), 0);
CREATE INDEX definitions_by_account ON definitions (account_id, is_latest, name);
CREATE INDEX instances_by_account ON instances (account_id, created_at, id);
CREATE INDEX instances_by_definition ON instances (definition_id, created_at, id);
CREATE INDEX instances_by_version ON instances (definition_version_id, created_at);
CREATE INDEX instances_unusual ON instances (account_id, created_at, id) WHERE sub_status <> 'Finished';
CREATE INDEX instances_with_incidents ON instances (account_id, created_at, id) WHERE incident_count > 0;
CREATE INDEX connections_by_from ON connections (account_id, from_endpoint);
CREATE INDEX connections_by_to ON connections (account_id, to_endpoint);
