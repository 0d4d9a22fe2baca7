/*
 * options.h - the command line and the environment, read once into one struct.
 */
#ifndef RECONCILER_RUN_OPTIONS_H
#define RECONCILER_RUN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/arena.h"
#include "manifest/err.h"
#include "manifest/model.h"
#include "manifest/text.h"
#include "reconciler/run/connection.h"
#include "reconciler/run/log.h"
#include "reconciler/run/prune.h"

/* Which verbs know an option; a verb's set is one bit. */
enum verb {
    VERB_DAEMON = 1 << 0,
    VERB_APPLY = 1 << 1,
    VERB_PLAN = 1 << 2,
    VERB_VALIDATE = 1 << 3,
    VERB_DELETE = 1 << 4,
    VERB_STATUS = 1 << 5,
    VERB_SIMULATE = 1 << 6,
    VERB_CANON = 1 << 7,
    VERB_MIGRATE = 1 << 8,
    VERB_EXPLAIN = 1 << 9,
    VERB_HISTORY = 1 << 10,
    VERB_STORE = 1 << 11,
    VERB_PRUNE = 1 << 12,
    VERB_OPERATE = 1 << 13, /* pause, resume, resync, doctor */
    VERB_ROLLBACK = 1 << 14,
    VERB_DRIFT = 1 << 15,
    VERB_IMPORT = 1 << 16,
    VERB_EXPORT = 1 << 17,
    VERB_EVENTS = 1 << 18,
    VERB_ALL = (1 << 19) - 1,
    VERB_CONNECTING = VERB_ALL & ~(VERB_VALIDATE | VERB_CANON | VERB_MIGRATE),
};

enum options_output {
    OUTPUT_HUMAN,
    OUTPUT_JSON,
    OUTPUT_SARIF, /* these two: validate only */
    OUTPUT_GITHUB,
};

enum options_color {
    COLOR_AUTO, /* on a terminal */
    COLOR_ALWAYS,
    COLOR_NEVER,
};

struct options {
    /* common */
    struct connection connection; /* its url is not NULL */
    const char *context;          /* of wash; NULL: its default one */
    const char *lattice;          /* default */
    struct names lattices;        /* the same; daemon: all of them */
    const char *store;            /* NULL: see options_store */
    enum options_output output;
    bool is_json; /* output is OUTPUT_JSON */
    int64_t timeout_ms;
    int verbosity; /* -q is -1, -v is 1 */
    bool is_help;

    /* of some verbs */
    const char *manifests;  /* daemon: a folder; NULL: the API only */
    const char *api_prefix; /* daemon, export: of wadm's API */
    bool is_wadm;           /* import: from wadm; export: to wadm */
    bool is_since;          /* events: not only those to come, but all ... */
    uint64_t since;         /* ... after this number ... */
    const char *since_run;  /* ... of this run of the daemon; NULL: of the present one */
    bool is_dry_run;        /* apply, import, export: only say what would be done */
    struct names states;    /* status: only applications with one of these words */
    struct names versions;  /* apply: only if these, NAME=VERSION, are the newest */
    struct names digests;   /* apply: the same of texts, NAME=DIGEST */
    bool is_standby;        /* daemon: wait for another one to be gone */
    const char *http;       /* daemon: HOST:PORT; NULL: off */
    bool is_http_asked_for; /* daemon: not to be had is an error */
    enum log_form log_form; /* daemon */
    enum prune_mode prune;  /* daemon: what goes with its file */
    int64_t prune_grace_ms;
    uint32_t prune_most_percent;
    bool is_confirmed; /* prune: what is held may go */
    int64_t poll_ms;   /* daemon: between looks at the folder; 0: inotify tells */
    uint32_t missed_heartbeats; /* daemon: of a host that is gone ... */
    int64_t heartbeat_slack_ms; /* ... and on top of them */
    bool is_waiting;            /* apply, delete: until converged */
    bool is_check;              /* plan, status: exit 4 when something is pending */
    bool is_strict;             /* validate: warnings are errors */
    enum options_color color;   /* validate; NO_COLOR is heeded */
    bool is_in_place;           /* migrate: into the files themselves */
    struct names allowed; /* validate, apply, plan: rules whose warnings are not shown */

    /* simulate */
    uint32_t hosts;
    int64_t heartbeat_ms;
    int64_t health_delay_ms;
    int64_t fetch_ms;
    int64_t delay_ms;
    uint64_t seed;
    bool is_muted;        /* lose all events */
    struct names refused; /* images that cannot be fetched */

    struct names operands; /* what is left: files, an application */
};

/*
 * Read the words after the verb, the environment and, for a verb that connects, wash's
 * context: what stands first here counts, see options_connection.h.  ERR_USAGE with what
 * is wrong and which option was meant.
 */
enum err_code options_read(enum verb verb, int count, char **words, struct arena *arena,
                           struct options *ret_options, struct err *err)
    __attribute__((warn_unused_result));

/* Append a line for each option that verb knows. */
void options_print(enum verb verb, struct text *text);

/*
 * Where the store is: what --store says, or $STATE_DIRECTORY/{lattice}.db as a service of
 * systemd, or $XDG_STATE_HOME/trellis/{server}/
 * {lattice}.db, with ~/.local/state when that is not set, in arena.
 */
const char *options_store(const struct options *options, struct arena *arena);

/* 500ms, 30s, 2m, 1h, or seconds; false when text is none of them. */
bool options_read_duration(const char *text, int64_t *ret_ms);

#endif
