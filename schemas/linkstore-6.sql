-- The linkstore, version 6: what is known of hosts and outlives whoever wanted it.

-- Components that somebody had a host update in place, which serve an image on that no
-- inventory names, until the host process ends.  Nothing of ours need run there.
CREATE TABLE taint (
    id TEXT NOT NULL CHECK (id <> ''),
    host TEXT NOT NULL CHECK (host <> ''),
    PRIMARY KEY (id, host)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 6;
