-- Lists and searches among a million calls. Each index is one write more per call, so those that no question needs go.
DROP INDEX instances_by_creation;
DROP INDEX instances_by_definition;
CREATE INDEX instances_by_definition ON instances (account_id, definition_id, created_at, id, version);
CREATE INDEX instances_by_end ON instances (account_id, finished_at, id) WHERE finished_at IS NOT NULL;
CREATE INDEX instances_correlated ON instances (account_id, correlation_id) WHERE correlation_id <> id;
DROP INDEX instances_with_incidents;
CREATE INDEX instances_with_incidents ON instances (account_id, created_at, id, incident_count) WHERE incident_count > 0;
DROP INDEX instances_unusual;
CREATE INDEX instances_unusual ON instances (account_id, sub_status, created_at, id) WHERE sub_status <> 'Finished';
DROP INDEX connections_by_from;
CREATE INDEX connections_by_from ON connections (account_id, from_endpoint, created_at, id);
DROP INDEX connections_by_to;
CREATE INDEX connections_by_to ON connections (account_id, to_endpoint, created_at, id);
DROP INDEX connections_live;
CREATE INDEX connections_live ON connections (account_id, created_at, id) WHERE status IN ('connecting', 'connected');
DROP INDEX connections_by_status;
CREATE INDEX connections_failed ON connections (account_id, created_at, id) WHERE status = 'failed';
CREATE INDEX connections_by_direction ON connections (account_id, direction, created_at, id);
