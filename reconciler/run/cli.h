/*
 * cli.h - the verbs of the command line, and how each of them ends.
 */
#ifndef RECONCILER_RUN_CLI_H
#define RECONCILER_RUN_CLI_H

#include "manifest/err.h"
#include "reconciler/run/options.h"

/* Exit statuses, everywhere the same. */
enum {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_INVALID = 3,
    EXIT_PENDING = 4,
    EXIT_TIMEOUT = 5,
    EXIT_CONFLICT = 6,
    EXIT_UNREACHABLE = 7,
    EXIT_NOTFOUND = 8,
};

struct cli_command {
    const char *name;
    enum verb verb;
    int (*run)(const struct options *options); /* returns an exit status */
    const char *usage;                         /* what follows the options */
    size_t operands_min;
    size_t operands_max;
    const char *summary;
};

extern const struct cli_command cmd_apply;
extern const struct cli_command cmd_canon;
extern const struct cli_command cmd_daemon;
extern const struct cli_command cmd_delete;
extern const struct cli_command cmd_doctor;
extern const struct cli_command cmd_drift;
extern const struct cli_command cmd_events;
extern const struct cli_command cmd_explain;
extern const struct cli_command cmd_export;
extern const struct cli_command cmd_history;
extern const struct cli_command cmd_import;
extern const struct cli_command cmd_migrate;
extern const struct cli_command cmd_pause;
extern const struct cli_command cmd_plan;
extern const struct cli_command cmd_prune;
extern const struct cli_command cmd_resume;
extern const struct cli_command cmd_resync;
extern const struct cli_command cmd_rollback;
extern const struct cli_command cmd_simulate;
extern const struct cli_command cmd_status;
extern const struct cli_command cmd_store;
extern const struct cli_command cmd_validate;

/* Find the verb of words, read its options, run it; returns the exit status. */
int cli_run(int count, char **words);

int cli_exit_status(enum err_code code);

/*
 * Say what went wrong, with its place, and return the exit status for it: on stderr, or
 * with --output json as an object on standard output.
 */
int cli_fail(const struct options *options, const struct err *err);

/*
 * The same for manifests that were refused: their findings are said in place of err,
 * which is the first of them.
 */
int cli_refuse(const struct options *options, const struct err *err,
               const char *findings);

#endif
