-- The linkstore, version 4: who put what and which way, what was done, what happened, and
-- which lattice it was.
--
-- What grows for ever is bounded here, by triggers.

-- Which way a version came in, and who brought it, as far as they say; NULL: not known.
ALTER TABLE version ADD COLUMN way TEXT
    CHECK (way IN ('folder', 'api', 'wadm', 'direct'));
ALTER TABLE version ADD COLUMN author TEXT CHECK (author <> '');

-- Of an application: nothing is sent on its behalf; NULL: it is not paused.
ALTER TABLE application ADD COLUMN paused_unix_ms INTEGER CHECK (paused_unix_ms >= 0);

-- Those that store_check has to look at are few.
CREATE INDEX application_unchecked ON application (name) WHERE NOT is_checked;

-- The lattice that this store is of: when its bucket of links was made, as JetStream says
-- it; NULL: not known.
ALTER TABLE meta ADD COLUMN bucket_created TEXT CHECK (bucket_created <> '');

-- Its hosts, as they were seen last: if none of them is known again and the bucket is
-- another one, neither is the lattice.  Who has not been seen for long is forgotten.
CREATE TABLE host (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    seen_unix_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX host_seen ON host (seen_unix_ms);

CREATE TRIGGER host_bound AFTER INSERT ON host
BEGIN
    DELETE FROM host WHERE id IN
        (SELECT id FROM host ORDER BY seen_unix_ms DESC, id LIMIT -1 OFFSET 2000);
END;

-- Another image ran on the host when this one was started, and may serve though this one is
-- listed: it has to come up again, alone.
ALTER TABLE ledger_workload ADD COLUMN is_doubtful INTEGER NOT NULL DEFAULT 0;

-- The commands that were sent, each kept with the ledger rows that it belongs to before it
-- leaves.  Contents of configs are not in there.
CREATE TABLE command (
    id INTEGER PRIMARY KEY,
    unix_ms INTEGER NOT NULL,
    application TEXT NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL -- the line that is logged, with its reason
) STRICT;

CREATE INDEX command_application ON command (application, id);

CREATE TRIGGER command_bound AFTER INSERT ON command
BEGIN
    DELETE FROM command WHERE id <= NEW.id - 10000;
END;

-- What happened to applications: the last 100 of each, and of those that are gone as long
-- as there is room.
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    unix_ms INTEGER NOT NULL
        DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)),
    application TEXT NOT NULL,
    kind TEXT NOT NULL
        CHECK (kind IN ('put', 'deployed', 'undeployed', 'deleted', 'failed')),
    version TEXT, -- NULL: the event is of none
    text TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX event_application ON event (application, id);

CREATE TRIGGER event_bound AFTER INSERT ON event
BEGIN
    DELETE FROM event WHERE application = NEW.application AND id <=
        (SELECT id FROM event WHERE application = NEW.application
         ORDER BY id DESC LIMIT 1 OFFSET 100);
    DELETE FROM event WHERE id <= NEW.id - 100000;
END;

CREATE TRIGGER event_put AFTER INSERT ON version
BEGIN
    INSERT INTO event (application, kind, version, text)
    VALUES (NEW.application, 'put', NEW.version, 'from ' || NEW.source);
END;

CREATE TRIGGER event_put_again AFTER UPDATE OF revision ON version
BEGIN
    INSERT INTO event (application, kind, version, text)
    VALUES (NEW.application, 'put', NEW.version, 'again, from ' || NEW.source);
END;

CREATE TRIGGER event_deployed AFTER UPDATE OF deployed ON application
WHEN NEW.deployed IS NOT OLD.deployed AND NEW.deployed IS NOT NULL
BEGIN
    INSERT INTO event (application, kind, version)
    SELECT application, 'deployed', version FROM version WHERE id = NEW.deployed;
END;

CREATE TRIGGER event_undeployed AFTER UPDATE OF deployed ON application
WHEN NEW.deployed IS NULL AND OLD.deployed IS NOT NULL
BEGIN
    INSERT INTO event (application, kind) VALUES (NEW.name, 'undeployed');
END;

CREATE TRIGGER event_deleted AFTER DELETE ON version
BEGIN
    INSERT INTO event (application, kind, version)
    VALUES (OLD.application, 'deleted', OLD.version);
END;

PRAGMA user_version = 4;
