-- The linkstore, version 5: what is remembered of the lattice.

-- How far apart the heartbeats of a host are, as they were seen; 0: not known.
ALTER TABLE host ADD COLUMN interval_ms INTEGER NOT NULL DEFAULT 0
    CHECK (interval_ms >= 0);

-- Of its two buckets: when each was made, as JetStream says it (NULL: not known), the
-- number of the last entry that was told, and how far hosts that have outlived one are
-- deaf to it.
CREATE TABLE bucket (
    name TEXT PRIMARY KEY CHECK (name IN ('links', 'configs')),
    made TEXT CHECK (made <> ''),
    sequence INTEGER NOT NULL DEFAULT 0 CHECK (sequence >= 0),
    deaf_to INTEGER NOT NULL DEFAULT 0 CHECK (deaf_to >= 0)
) STRICT, WITHOUT ROWID;

INSERT INTO bucket (name, made)
SELECT 'links', bucket_created FROM meta WHERE bucket_created IS NOT NULL;

ALTER TABLE meta DROP COLUMN bucket_created;

PRAGMA user_version = 5;
