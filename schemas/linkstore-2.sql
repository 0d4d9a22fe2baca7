-- The linkstore, version 2: a workload may have several spreads, with requirements.
--
-- One that has none here has one spread, named 'default', for any host.

CREATE TABLE spread (
    version INTEGER NOT NULL,
    workload TEXT NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    weight INTEGER NOT NULL CHECK (weight BETWEEN 0 AND 4294967295),
    requirements TEXT NOT NULL, -- JSON object of strings, keys sorted
    PRIMARY KEY (version, workload, position),
    FOREIGN KEY (version, workload) REFERENCES workload (version, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

INSERT INTO spread (version, workload, position, name, weight, requirements)
SELECT version, id, 0, spread_name, 100, '{}' FROM workload
WHERE spread_name <> 'default';

ALTER TABLE workload DROP COLUMN spread_name;

PRAGMA user_version = 2;
