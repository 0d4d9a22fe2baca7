/*
 * outcome.h - whether what was asked for has come about, and waiting until it has.
 */
#ifndef RECONCILER_RUN_OUTCOME_H
#define RECONCILER_RUN_OUTCOME_H

#include "reconciler/run/client.h"
#include "reconciler/run/reconciler.h"

/* Applications that were applied or deleted. */
struct outcome {
    const char *const *applications;
    size_t count;
    bool is_removal; /* they are to be gone, not deployed */
};

/*
 * Turn reconciler until outcome has come about, or with is_patient false until every
 * command has been confirmed or refused.
 *
 * ERR_TIMEOUT after timeout_ms, with what is still missing; ERR_CONFLICT when somebody
 * else's is in the way; ERR_IO when a host refuses, in its own words.  What waits for
 * hosts is no error without patience.
 */
enum err_code outcome_await(struct reconciler *reconciler, const struct outcome *outcome,
                            bool is_patient, int64_t timeout_ms, struct err *err)
    __attribute__((warn_unused_result));

/* The same, asking a daemon, and always with patience. */
enum err_code outcome_await_daemon(struct client *client, const struct outcome *outcome,
                                   int64_t timeout_ms, struct err *err)
    __attribute__((warn_unused_result));

#endif
