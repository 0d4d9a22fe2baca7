/*
 * trouble.h - what nats.c and the server say is wrong, in words for the user.
 *
 * Source: the texts of nats.c 3.4.1 and nats-server 2.9.10, as seen.
 */
#ifndef RECONCILER_RUN_TROUBLE_H
#define RECONCILER_RUN_TROUBLE_H

#include <stdbool.h>
#include <stddef.h>

#include <nats/nats.h>

/* text without the place in nats.c's source that it begins with; never NULL or "". */
const char *trouble_bare(const char *text);

/* What is wrong with a connection of who that ended, or was not made, with status and
 * text, and what to check; who is NULL without credentials. */
void trouble_explain(natsStatus status, const char *text, const char *who, char *ret_text,
                     size_t size);

/*
 * A refusal reads, cut at 255 bytes,
 *     Permissions Violation for Publish to "SUBJECT"
 *     Permissions Violation for Subscription to "SUBJECT"[ using queue "Q"]
 * trouble_subject finds SUBJECT, or its beginning; "" when there is none.
 */
bool trouble_is_subscription(const char *text);
void trouble_subject(const char *text, char *ret_subject, size_t size);

#endif
