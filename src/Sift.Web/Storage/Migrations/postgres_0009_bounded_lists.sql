-- Lists read rows where they lie together in their order, whatever the filter: what simply finished in one index, every other state in another, each of the
-- account and of a flow. The columns behind the id let rows be counted and passed over without being fetched.
DROP INDEX instances_by_account;
CREATE INDEX instances_by_account ON instances (account_id, created_at, id, sub_status, version, incident_count) WHERE sub_status = 'Finished';
DROP INDEX instances_by_definition;
CREATE INDEX instances_by_definition ON instances (account_id, definition_id, created_at, id, sub_status, version, incident_count) WHERE sub_status = 'Finished';
DROP INDEX instances_unusual;
CREATE INDEX instances_unusual ON instances (account_id, sub_status, created_at, id, definition_id, version, incident_count) WHERE sub_status <> 'Finished';
CREATE INDEX instances_unusual_by_definition ON instances (account_id, definition_id, sub_status, created_at, id, version, incident_count) WHERE sub_status IN ('Cancelled', 'Faulted');
DROP INDEX instances_with_incidents;
CREATE INDEX instances_with_incidents ON instances (account_id, sub_status, created_at, id, version, incident_count) WHERE incident_count > 0;
CREATE INDEX instances_with_incidents_by_definition ON instances (account_id, definition_id, sub_status, created_at, id, version, incident_count) WHERE incident_count > 0;
DROP INDEX instances_by_version;
CREATE INDEX instances_by_version ON instances (definition_version_id, account_id, created_at, id, sub_status, incident_count);
DROP INDEX instances_by_end;
CREATE INDEX instances_by_end ON instances (account_id, finished_at, id, created_at, definition_id, sub_status, version, incident_count) WHERE finished_at IS NOT NULL;
CREATE INDEX connections_by_parent ON connections (account_id, parent_id, created_at, id) WHERE parent_id IS NOT NULL;
