-- The linkstore, version 1: what is wanted of one lattice, and what was put into it.
--
-- linkstore/store.c runs this in one transaction on an empty file.  Lists of names are
-- JSON arrays of strings; a link's interfaces are sorted and none is there twice.

PRAGMA application_id = 0x74726c73; -- "trls"
PRAGMA user_version = 1;

CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    identity TEXT NOT NULL, -- 32 hex digits, made with the file
    lattice TEXT NOT NULL
) STRICT;

CREATE TABLE application (
    name TEXT PRIMARY KEY,
    revision INTEGER NOT NULL, -- the last that was given to one of its versions
    deployed INTEGER REFERENCES version (id) ON DELETE SET NULL,
    is_checked INTEGER NOT NULL DEFAULT 0 -- against all others, as it is deployed now
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX application_deployed ON application (deployed);

-- The text is last: what stands before it is read without going through all of it.
CREATE TABLE version (
    id INTEGER PRIMARY KEY,
    application TEXT NOT NULL REFERENCES application (name) ON DELETE CASCADE,
    version TEXT NOT NULL,
    revision INTEGER NOT NULL, -- the newest version has the greatest
    digest TEXT NOT NULL, -- SHA-256 of text, hex
    source TEXT NOT NULL, -- file name, URL or NATS subject; of all its rows too
    description TEXT,
    created_unix_ms INTEGER NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (application, version),
    UNIQUE (application, revision)
) STRICT;

-- What each version wants.

CREATE TABLE config (
    version INTEGER NOT NULL REFERENCES version (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    content TEXT NOT NULL, -- JSON object of strings, keys sorted
    source_line INTEGER NOT NULL,
    source_column INTEGER NOT NULL,
    PRIMARY KEY (version, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX config_name ON config (name);

CREATE TABLE link (
    version INTEGER NOT NULL REFERENCES version (id) ON DELETE CASCADE,
    source_id TEXT NOT NULL,
    wit_namespace TEXT NOT NULL,
    wit_package TEXT NOT NULL,
    name TEXT NOT NULL,
    target TEXT NOT NULL,
    interfaces TEXT NOT NULL,
    source_config TEXT NOT NULL,
    target_config TEXT NOT NULL,
    scaler_id TEXT NOT NULL,
    source_line INTEGER NOT NULL,
    source_column INTEGER NOT NULL,
    PRIMARY KEY (version, source_id, wit_namespace, wit_package, name, target)
) STRICT, WITHOUT ROWID;

CREATE INDEX link_slot ON link (source_id, wit_namespace, wit_package, name);

CREATE TABLE workload (
    version INTEGER NOT NULL REFERENCES version (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('component', 'provider')),
    component TEXT NOT NULL,
    image TEXT NOT NULL,
    instances INTEGER NOT NULL CHECK (instances BETWEEN 0 AND 4294967295),
    is_daemon INTEGER NOT NULL, -- instances are on each host, else in all
    configs TEXT NOT NULL,
    scaler_id TEXT NOT NULL,
    spread_name TEXT NOT NULL,
    source_line INTEGER NOT NULL,
    source_column INTEGER NOT NULL,
    PRIMARY KEY (version, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX workload_id ON workload (id);

-- The ledger: what we have put into the lattice.  No row goes with its application:
-- what nobody wants any more has still to be removed.  Until unsure_until_unix_ms a
-- command that nobody answered may still come about.

CREATE TABLE ledger_config (
    name TEXT PRIMARY KEY,
    content TEXT NOT NULL,
    application TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('sent', 'confirmed')),
    since_unix_ms INTEGER NOT NULL,
    unsure_until_unix_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_link (
    source_id TEXT NOT NULL,
    wit_namespace TEXT NOT NULL,
    wit_package TEXT NOT NULL,
    name TEXT NOT NULL,
    target TEXT NOT NULL,
    interfaces TEXT NOT NULL,
    source_config TEXT NOT NULL,
    target_config TEXT NOT NULL,
    application TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('sent', 'confirmed')),
    since_unix_ms INTEGER NOT NULL,
    unsure_until_unix_ms INTEGER NOT NULL,
    PRIMARY KEY (source_id, wit_namespace, wit_package, name, target)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_workload (
    kind TEXT NOT NULL CHECK (kind IN ('component', 'provider')),
    id TEXT NOT NULL,
    host TEXT NOT NULL,
    image TEXT NOT NULL,
    configs TEXT NOT NULL,
    application TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('sent', 'confirmed')),
    since_unix_ms INTEGER NOT NULL,
    unsure_until_unix_ms INTEGER NOT NULL,
    PRIMARY KEY (kind, id, host)
) STRICT, WITHOUT ROWID;

-- For people with the sqlite3 shell; trellis itself uses none of these.

CREATE VIEW desired_config AS
SELECT v.application, v.version, c.name, c.content, v.source, c.source_line
FROM application AS a
JOIN version AS v ON v.id = a.deployed
JOIN config AS c ON c.version = v.id;

CREATE VIEW desired_link AS
SELECT v.application, v.version, l.source_id, l.target, l.name, l.wit_namespace,
    l.wit_package, l.interfaces, l.source_config, l.target_config, v.source, l.source_line
FROM application AS a
JOIN version AS v ON v.id = a.deployed
JOIN link AS l ON l.version = v.id;

CREATE VIEW desired_workload AS
SELECT v.application, v.version, w.kind, w.id, w.image, w.instances, w.is_daemon,
    w.configs, v.source, w.source_line
FROM application AS a
JOIN version AS v ON v.id = a.deployed
JOIN workload AS w ON w.version = v.id;

-- Put by us, and wanted by no deployed application any more.
CREATE VIEW doomed AS
SELECT 'config' AS kind, name, NULL AS host, application, state
FROM ledger_config AS l
WHERE NOT EXISTS (
    SELECT 1 FROM config AS c JOIN application AS a ON a.deployed = c.version
    WHERE c.name = l.name)
UNION ALL
SELECT 'link', source_id || ' -[' || name || ' ' || wit_namespace || ':' || wit_package
    || ']-> ' || target, NULL, application, state
FROM ledger_link AS l
WHERE NOT EXISTS (
    SELECT 1 FROM link AS d JOIN application AS a ON a.deployed = d.version
    WHERE (d.source_id, d.wit_namespace, d.wit_package, d.name, d.target)
        = (l.source_id, l.wit_namespace, l.wit_package, l.name, l.target))
UNION ALL
SELECT kind, id, host, application, state
FROM ledger_workload AS l
WHERE NOT EXISTS (
    SELECT 1 FROM workload AS w JOIN application AS a ON a.deployed = w.version
    WHERE (w.kind, w.id) = (l.kind, l.id));
