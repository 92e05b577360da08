-- The host that an event waits for while that host is left alone. All others are null, and cost the index nothing.
ALTER TABLE deliveries ADD COLUMN waits_for text;
CREATE INDEX deliveries_waiting ON deliveries (waits_for, created_at, id) WHERE waits_for IS NOT NULL;
