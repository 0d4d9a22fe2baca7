/*
 * consumer.h - the push consumers through which a bucket is followed: what is sent for
 * them, and whose mail comes from them.
 *
 * One is made after the other, each in a generation of its own.  Mail of an earlier
 * generation is told by its tag, for what was delivered names the bucket and not the
 * consumer.
 *
 * Source: reference library-facts section 1.
 */
#ifndef RECONCILER_RUN_CONSUMER_H
#define RECONCILER_RUN_CONSUMER_H

#include <stdbool.h>
#include <stdint.h>

#include "manifest/arena.h"
#include "reconciler/core/event.h"
#include "reconciler/run/bus.h"

/* What mail is about. */
enum consumer_role {
    CONSUMER_DELIVERY,
    CONSUMER_STREAM, /* answer to the question what the stream is */
    CONSUMER_MADE,   /* answer to the wish for a consumer */
    CONSUMER_CHECK,  /* answer to the same question, later */
};

struct consumer {
    struct bus *bus; /* borrowed */
    uint32_t owner;
    uint32_t generation;
    bool is_subscribed;
    const char *stream;       /* KV_{bucket} */
    const char *prefix;       /* $KV.{bucket}. */
    const char *flow_control; /* $JS.FC.{stream}. */
};

/* Its texts live in arena. */
void consumer_init(struct consumer *consumer, struct bus *bus, const char *bucket,
                   uint32_t owner, struct arena *arena);

/* Ask what the stream is; the answer bears role.  False when that cannot be sent. */
bool consumer_ask(const struct consumer *consumer, enum consumer_role role,
                  struct instant now);

/* Have the last message of every key delivered, and all that follow.  Deliveries may
 * come before the answer, CONSUMER_MADE.  False when that cannot be sent. */
bool consumer_make(struct consumer *consumer, struct instant now);

/* Say that all before this was taken, so that more may be sent. */
void consumer_answer_flow_control(const struct consumer *consumer, const char *subject);

/* End the generation: what still comes of it is old. */
void consumer_end(struct consumer *consumer);

bool consumer_owns(const struct consumer *consumer, const struct mail *mail);
bool consumer_is_old(const struct consumer *consumer, const struct mail *mail);
enum consumer_role consumer_role(const struct mail *mail);

#endif
