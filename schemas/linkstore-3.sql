-- The linkstore, version 3: what was delivered to those who run, components of other
-- applications, and how an application is to be treated.
--
-- The lattice cannot be asked which contents of configs a link or a provider was given,
-- so the ledger keeps a digest of each, in the order in which they are named; none: not
-- known, and taken as right.

-- Of an application: annotation trellis.dev/redeliver.
ALTER TABLE version ADD COLUMN redeliver TEXT NOT NULL DEFAULT 'auto'
    CHECK (redeliver IN ('auto', 'link', 'restart', 'never'));
-- Of an application: annotation trellis.dev/rebalance.
ALTER TABLE version ADD COLUMN rebalance INTEGER NOT NULL DEFAULT 0
    CHECK (rebalance IN (0, 1));

ALTER TABLE ledger_link ADD COLUMN delivered TEXT NOT NULL DEFAULT '[]';
-- Its providers may have dropped it together with another link of its two ids.
ALTER TABLE ledger_link ADD COLUMN is_dropped INTEGER NOT NULL DEFAULT 0;

ALTER TABLE ledger_workload ADD COLUMN delivered TEXT NOT NULL DEFAULT '[]';
-- Ids at the other end of links that it has lost since it was started.
ALTER TABLE ledger_workload ADD COLUMN lost TEXT NOT NULL DEFAULT '[]';

-- Its application went with its manifest, and nobody asked for that.
ALTER TABLE ledger_workload ADD COLUMN is_pruned INTEGER NOT NULL DEFAULT 0;

-- What was seen to run there last, what failed to start since and in which words ('' and
-- '[]': nothing), and whether somebody had the host update it in place.
ALTER TABLE ledger_workload ADD COLUMN good_image TEXT NOT NULL DEFAULT '';
ALTER TABLE ledger_workload ADD COLUMN good_configs TEXT NOT NULL DEFAULT '[]';
ALTER TABLE ledger_workload ADD COLUMN failed_image TEXT NOT NULL DEFAULT '';
ALTER TABLE ledger_workload ADD COLUMN failure TEXT NOT NULL DEFAULT '';
ALTER TABLE ledger_workload ADD COLUMN is_tainted INTEGER NOT NULL DEFAULT 0;
UPDATE ledger_workload SET good_image = image, good_configs = configs
WHERE state = 'confirmed';

-- May other applications use what it runs?  What was kept before was not asked; its text
-- tells.
ALTER TABLE version ADD COLUMN is_shared INTEGER NOT NULL DEFAULT 0;
UPDATE version SET is_shared = instr(text, 'experimental.wasmcloud.dev/shared') > 0;

-- Components and providers that another application runs, for links to name them: kept up
-- to date with what is deployed.
CREATE TABLE shared (
    version INTEGER NOT NULL REFERENCES version (id) ON DELETE CASCADE,
    component TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('component', 'provider')),
    application TEXT NOT NULL, -- the other one
    name TEXT NOT NULL, -- of the component there
    id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('absent', 'closed', 'unknown', 'there')),
    source_line INTEGER NOT NULL,
    source_column INTEGER NOT NULL,
    PRIMARY KEY (version, component)
) STRICT, WITHOUT ROWID;

CREATE INDEX shared_application ON shared (application);

-- The component of shared that an end of the link is; NULL: one of the application itself.
ALTER TABLE link ADD COLUMN source_shared TEXT;
ALTER TABLE link ADD COLUMN target_shared TEXT;

PRAGMA user_version = 3;
