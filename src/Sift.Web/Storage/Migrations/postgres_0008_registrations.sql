CREATE TABLE registrations (
  number TEXT NOT NULL PRIMARY KEY,
  bindings TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
