/*
 * subscriptions.h - what a bus listens to, made again on each connection, and the
 * callback that nats.c brings every message to.
 *
 * Where a connection is asked for, NULL says that it is away: what is asked for then is
 * made up for by subscriptions_attach.
 *
 * Source: reference library-facts sections 1 (traps) and 4; performance-floors trap 3.
 */
#ifndef RECONCILER_RUN_SUBSCRIPTIONS_H
#define RECONCILER_RUN_SUBSCRIPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <nats/nats.h>

#include "reconciler/run/mailbox.h"

struct subscription;
TAILQ_HEAD(subscription_list, subscription);

struct subscriptions {
    struct mailbox *mailbox; /* borrowed: where messages go */
    struct subscription_list live;
    struct subscription_list ended; /* oldest first */
    size_t ended_count;
};

void subscriptions_init(struct subscriptions *subscriptions, struct mailbox *mailbox);

struct subscription_wish {
    enum mail_kind
        kind; /* of its mail: MAIL_MESSAGE, MAIL_REQUEST, or MAIL_ANSWER for an inbox */
    uint64_t tag;
    const char *subject;
    const char *queue; /* NULL none */
};

void subscriptions_add(struct subscriptions *subscriptions,
                       const struct subscription_wish *wish, natsConnection *connection);

/* End all with tag, but for those of MAIL_ANSWER. */
void subscriptions_end(struct subscriptions *subscriptions, uint64_t tag,
                       natsConnection *connection);

/* Is subject, exactly, listened to?  Then *ret_tag is the tag of its mail. */
bool subscriptions_find(const struct subscriptions *subscriptions, const char *subject,
                        uint64_t *ret_tag);

/* Bring connection up to what was asked for. */
void subscriptions_attach(struct subscriptions *subscriptions,
                          natsConnection *connection);

/* The connection is gone for good: forget what was made on it. */
void subscriptions_detach(struct subscriptions *subscriptions);

/* Free all, once the connection is closed.  False, with nothing freed, when a thread of
 * nats.c could still call back after five seconds. */
bool subscriptions_clear(struct subscriptions *subscriptions);

#endif
