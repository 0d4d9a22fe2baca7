/*
 * option_rule.h - what options there are: name, argument, whose they are, and in a few
 * words what for.
 */
#ifndef RECONCILER_RUN_OPTION_RULE_H
#define RECONCILER_RUN_OPTION_RULE_H

#include "reconciler/run/options.h"

enum option_id {
    OPTION_SERVER = 's',
    OPTION_LATTICE = 'x',
    OPTION_OUTPUT = 'o',
    OPTION_IN_PLACE = 'i',
    OPTION_VERBOSE = 'v',
    OPTION_QUIET = 'q',
    OPTION_HELP = 'h',
    OPTION_CREDENTIALS = 256,
    OPTION_NKEY,
    OPTION_JWT,
    OPTION_USER,
    OPTION_PASSWORD_FILE,
    OPTION_TOKEN_FILE,
    OPTION_TLS_CA,
    OPTION_TLS_CERT,
    OPTION_TLS_KEY,
    OPTION_JS_DOMAIN,
    OPTION_CTL_PREFIX,
    OPTION_INBOX_PREFIX,
    OPTION_CONTEXT,
    OPTION_STORE,
    OPTION_STANDBY,
    OPTION_FROM_WADM,
    OPTION_TO_WADM,
    OPTION_DRY_RUN,
    OPTION_API_PREFIX,
    OPTION_TIMEOUT,
    OPTION_MANIFESTS,
    OPTION_POLL,
    OPTION_MISSED_HEARTBEATS,
    OPTION_MISSED_SLACK,
    OPTION_LOG,
    OPTION_HTTP,
    OPTION_PRUNE,
    OPTION_PRUNE_GRACE,
    OPTION_PRUNE_MAX,
    OPTION_CONFIRM,
    OPTION_SINCE,
    OPTION_STATE,
    OPTION_IF_VERSION,
    OPTION_IF_DIGEST,
    OPTION_WAIT,
    OPTION_CHECK,
    OPTION_STRICT,
    OPTION_ALLOW,
    OPTION_COLOR,
    OPTION_HOSTS,
    OPTION_HEARTBEAT,
    OPTION_HEALTH_DELAY,
    OPTION_FETCH_DELAY,
    OPTION_DELAY,
    OPTION_SEED,
    OPTION_LOSE_EVENTS,
    OPTION_REFUSE,
};

struct option_rule {
    int id; /* enum option_id; below 256 its letter, too */
    const char *name;
    const char *argument; /* NULL: takes none */
    unsigned int verbs;
    const char *summary;
};

#define OPTION_RULES_MAX 64

/* In the order in which help shows them. */
extern const struct option_rule option_rules[];
extern const size_t option_rules_count;

#endif
